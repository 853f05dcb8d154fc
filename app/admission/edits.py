"""Edits of offerings, told by Redis to every worker after the commit, so that no copy of before answers (DESIGN §6).

A hint like any event: who does not hear it, as while Redis is away, finds the edit within sheets.OLD_S by himself.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

import gevent
import orjson

from app.admission.sheets import Sheets
from app.extensions.listening import messages
from app.extensions.redis import RedisClient, RedisError

logger = logging.getLogger(__name__)

EDITED = "sr:edited"


def tell_edited(redis: RedisClient, offerings: Iterable[tuple[str, int]]) -> None:
    """Say that these (kind, id) were edited. Raises RedisError."""
    told = [[kind, str(offering_id)] for kind, offering_id in offerings]
    if told:
        redis.publish(EDITED, orjson.dumps(told))


class Hearing:
    """One worker's ear for edits."""

    def __init__(self, redis: RedisClient, sheets: Sheets) -> None:
        self._redis = redis
        self._sheets = sheets

    def run(self) -> None:
        """Listen for ever, beside the requests; subscribe again whenever Redis went away."""
        while True:
            try:
                for message in messages(self._redis, EDITED):
                    if message is not None and message["type"] == "message":
                        self._hear(message["data"])
            except RedisError as error:
                logger.info("edits are found by age until Redis is back: %r", error)
                gevent.sleep(1)

    def _hear(self, data: bytes) -> None:
        try:
            for kind, offering_id in orjson.loads(data):
                self._sheets.edited(kind, [int(offering_id)])
        except (ValueError, TypeError):
            logger.warning("an edit that nobody can read: %.100r", data)
