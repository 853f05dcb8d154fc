"""Hands events from Redis to the sockets of this process."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from time import monotonic
from typing import Any

import gevent
import orjson
from gevent.queue import Full, Queue

from app.admission.claims import Standing
from app.admission.effects import EVENTS
from app.extensions.listening import messages
from app.extensions.redis import RedisClient, RedisError
from blueprints.claims.presenting import present, title_of
from blueprints.live.tickets import Listener

logger = logging.getLogger(__name__)

# A socket that does not read is behind for good: it misses events and polls.
BACKLOG = 100
# A line that is dead at the other end looks like one on which nothing happens: a page that hears nothing for two and a
# half of these gives it up.
BEAT_EVERY_S = 9  # odd: ids are multiples of a power of two, and are to be spread over the seconds
BEAT = orjson.dumps({"type": "beat", "every_s": BEAT_EVERY_S}).decode()


# Account, token version, session: whether such tokens are called back (app.auth.revocations).
Over = Callable[[int, int, int], bool]
# What is said last to a socket: its person's sign-in is over, or events went by that nobody heard, so the page must ask anew.
END, MISSED = "", "\0"


class Hub:
    """One subscription per process; one small queue per socket, written to by the hub and read by the socket only."""

    def __init__(self, redis: RedisClient, over: Over = lambda _account, _version, _session: False) -> None:
        self._redis = redis
        self._over = over
        self._queues: dict[int, dict[Queue[str], Listener]] = defaultdict(dict)
        self._stale: set[Queue[str]] = set()  # whose pages have missed something
        self._beaten = int(monotonic())

    def join(self, listener: Listener) -> Queue[str]:
        """A queue of messages for one socket of this person, the first of them a beat; give it back with `leave`."""
        queue: Queue[str] = Queue(BACKLOG)
        queue.put_nowait(BEAT)
        self._queues[listener.user_id][queue] = listener
        return queue

    def leave(self, listener: Listener, queue: Queue[str]) -> None:
        """The socket is gone."""
        self._stale.discard(queue)
        self._queues[listener.user_id].pop(queue, None)
        if not self._queues[listener.user_id]:
            del self._queues[listener.user_id]

    def run(self, app: Any) -> None:
        """Listen for ever, subscribing again whenever Redis went away: until then nobody hears a beat either."""
        while True:
            try:
                with app.app_context():
                    self._listen()
            except RedisError as error:
                logger.info("events wait for Redis: %r", error)
                gevent.sleep(1)

    def _listen(self) -> None:
        """Until the connection breaks. Raises RedisError."""
        for message in messages(self._redis, EVENTS):
            if (
                message is not None and message["type"] == "subscribe"
            ):  # whoever is here already may have missed something
                self._stale = {queue for queues in self._queues.values() for queue in queues}
            if message is not None and message["type"] == "message":
                self._spread_safely(message["data"])
            self.beat(monotonic())

    def beat(self, now: float) -> None:
        """Tell a share of the users each second that events are being heard: all of them in BEAT_EVERY_S.

        `now`: seconds of a monotonic clock. The hub's one loop serves all sockets; none has a timer of its own.
        """
        second = int(now)
        if second == self._beaten:
            return
        due = {one % BEAT_EVERY_S for one in range(max(self._beaten, second - BEAT_EVERY_S) + 1, second + 1)}
        self._beaten = second
        for user_id in list(self._queues):
            if user_id % BEAT_EVERY_S in due:
                self._beat_for(user_id)

    def _beat_for(self, user_id: int) -> None:
        """To each socket, or its last word: whoever was shut out hears nothing after a beat, whoever missed something comes
        back, not all in one second."""
        for queue, listener in list(self._queues.get(user_id, {}).items()):
            over = self._over(user_id, listener.token_version, listener.session_id)
            _put(queue, END if over else MISSED if queue in self._stale else BEAT, user_id)

    def _spread_safely(self, data: bytes) -> None:
        try:
            self._spread(data)
        except Exception:
            # Events are hints: one that cannot be told is left out, and this greenlet lives.
            logger.exception("an event was left out")

    def _spread(self, data: bytes) -> None:
        event = orjson.loads(data)
        if isinstance(event, list):
            for wire in event:
                self._tell_claim(Standing(**wire))
        elif event["type"] == "notice":
            self._tell_notice(event)
        elif event["type"] == "to":
            self._send(event["user_id"], orjson.dumps(event["message"]).decode())
        else:
            text = orjson.dumps(event).decode()
            for user_id in list(self._queues):
                self._send(user_id, text)

    def _tell_claim(self, standing: Standing) -> None:
        if standing.user_id in self._queues:
            claim = present(standing, title_of(standing.kind, standing.offering_id))
            self._send(standing.user_id, orjson.dumps({"type": "claim", "claim": claim}).decode())

    def _tell_notice(self, event: dict[str, Any]) -> None:
        """By the groups of whoever listens, in the language of his page: one event for a whole campus."""
        groups = {(scope, target) for scope, target in event["groups"]}
        texts = {
            language: orjson.dumps({"type": "notice", "notice": {"id": event["id"], "title": title}}).decode()
            for language, title in event["titles"].items()
        }
        for listeners in list(self._queues.values()):
            for queue, listener in list(listeners.items()):
                if not groups.isdisjoint(listener.groups):
                    _put(queue, texts[listener.language], listener.user_id)

    def _send(self, user_id: int, text: str) -> None:
        for queue in self._queues.get(user_id, ()):
            _put(queue, text, user_id)


def _put(queue: Queue[str], text: str, user_id: int) -> None:
    try:
        queue.put_nowait(text)
    except Full:
        logger.info("a socket of user %d reads too slowly", user_id)
