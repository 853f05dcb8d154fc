"""Asking several servers at the same time, each for a bounded time, so that one that is away hides no other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import gevent
from redis.exceptions import TimeoutError as RedisTimeoutError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

logger = logging.getLogger(__name__)

WITHIN_S = 1.5
# "slow": no answer in time. Under the load of an opening that is not the same as gone.
State = Literal["up", "slow", "down"]


@dataclass(frozen=True, slots=True)
class Heard:
    """How a server is, and what it said: None unless it is up."""

    state: State
    said: Any = None


class Asker:
    """Remembers who has not answered yet: a server that hangs is asked once, however often somebody looks."""

    def __init__(self) -> None:
        self._asked: dict[str, gevent.Greenlet[[str, Callable[[], Any]], Heard]] = {}

    def ask(self, questions: Mapping[str, Callable[[], Any]], within_s: float = WITHIN_S) -> dict[str, Heard]:
        """Name → what was heard within the time. A question that still waits is left to its own time-out: ending it would
        spoil a pooled connection."""
        for name, question in questions.items():
            if name not in self._asked:
                self._asked[name] = gevent.spawn(_heard, name, question)
        asked = {name: self._asked[name] for name in questions}
        gevent.joinall(list(asked.values()), timeout=within_s)
        for name, greenlet in asked.items():
            if greenlet.ready() and self._asked.get(name) is greenlet:
                del self._asked[name]
        return {name: greenlet.value or Heard("slow") for name, greenlet in asked.items()}


def _heard(name: str, question: Callable[[], Any]) -> Heard:
    try:
        return Heard("up", question())
    except (RedisTimeoutError, PoolTimeoutError, TimeoutError, gevent.Timeout):
        return Heard("slow")
    except Exception as error:
        logger.info("%s does not answer: %r", name, error)
        return Heard("down")
