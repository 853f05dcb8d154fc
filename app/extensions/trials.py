"""Trials: while a dependency is down, one call at a time may find out whether it is back (`breakers.py`).

A trial is its greenlet's, and that of whoever works for it meanwhile: a coalescer's greenlet whose batch one of its tickets
is in (`coalesce.py`). Guards inside its own let both through, or a trial would shut itself out.
"""

from __future__ import annotations

from contextvars import ContextVar
from time import monotonic


class Trial:
    """One call to a dependency that was down. `of`: the breaker that lets it through."""

    __slots__ = ("began", "of", "over")

    def __init__(self, of: object) -> None:
        self.of = of
        self.began = monotonic()
        self.over = False


# Of this greenlet (gevent hands no context on to one that is spawned).
TRIALS: ContextVar[frozenset[Trial]] = ContextVar("TRIALS", default=frozenset())


def on_trial(of: object) -> bool:
    """True when the caller makes a trial of this breaker, or works for whoever does."""
    trials = TRIALS.get()
    return bool(trials) and any(one.of is of and not one.over for one in trials)
