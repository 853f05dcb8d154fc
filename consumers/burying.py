"""Poison on its way to the dead-letter queue, from where an operator can drive it again."""

from __future__ import annotations

import logging
import uuid
from time import monotonic

from app.extensions.broker import DEAD, Message
from app.extensions.publisher import Publisher

logger = logging.getLogger(__name__)

CONFIRM_WITHIN_S = 1.0
AGAIN_AFTER_S = 1.0


class Graveyard:
    """Dead letters by the delivery tag of their message, which may be acknowledged when the broker has confirmed them.

    Until then the message stays unacknowledged, so nothing is lost with this process; and it is not given back to the
    queue, which would hand it out again at once, for ever, before everybody else's.
    """

    def __init__(self, publisher: Publisher, exchange: str = DEAD) -> None:
        self._publisher = publisher
        self._exchange = exchange
        self._letters: dict[int, list[Message]] = {}
        self._next_at = 0.0

    def __bool__(self) -> bool:
        return bool(self._letters)

    def add(self, tag: int, body: bytes, reason: str, spool: str = "") -> None:
        """Take in what shall be buried of the message with this tag, which came out of that spool."""
        logger.error("poison message to be buried: %s", reason)
        letter = Message(self._exchange, "", str(uuid.uuid4()), body, reason, spool=spool)
        self._letters.setdefault(tag, []).append(letter)

    def bury(self) -> list[int]:
        """Publish the letters, unless that failed a moment ago. Returns tags whose letters are all confirmed."""
        if not self._letters or monotonic() < self._next_at:
            return []
        letters = [letter for group in self._letters.values() for letter in group]
        unknown = self._publisher.publish(letters, CONFIRM_WITHIN_S)
        if unknown:
            logger.error("%d dead letters were not confirmed and are kept", len(unknown))
            self._next_at = monotonic() + AGAIN_AFTER_S
        left = {
            tag: [letter for letter in group if letter.message_id in unknown] for tag, group in self._letters.items()
        }
        self._letters = {tag: group for tag, group in left.items() if group}
        return [tag for tag, group in left.items() if not group]
