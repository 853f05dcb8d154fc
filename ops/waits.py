"""How long the pages wait (web/parts/booking.js), in seconds: before the first try again and at most, and how many times longer
each wait is than the one before, of a request and of a question what came of it. Whoever plays students goes by these."""

from __future__ import annotations

import random

FIRST_WAIT = 0.6
LONGEST_WAIT = 5.0
SENT_AGAIN, ASKED_AGAIN = 1.6, 1.5


def jitter(wait: float) -> float:
    return wait * (0.75 + random.random() * 0.5)


def honour(wait: float, retry_after: float | None) -> float:
    if retry_after is None:
        return jitter(wait)
    return max(jitter(wait), retry_after + random.random())
