"""The opening as its students saw it, from their own history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ops.bench.results import percentile
from ops.drills.wishes import SETTLED, Answer, Wish

NO = "refused"


@dataclass(frozen=True, slots=True)
class Seen:
    """Counts, and seconds from the press until the truth.

    `answers`: how often presses were answered how ("202", "409 sold_out", "0" for a lost connection). Shares are of all answers
    to presses: final refusals, 429, 503 and other failures. `outcomes`: what each student was told last.
    """

    pressed: int
    accepted: int
    untold: int
    outcomes: dict[str, int]
    answers: dict[str, int]
    refused_share: float
    throttled_share: float
    unavailable_share: float
    failed_share: float
    wait_p50_s: float
    wait_p95_s: float
    worst_wait_s: float
    worst_answer_s: float


def seen(wishes: Sequence[Wish]) -> Seen:
    """Measure. Whoever was not told has waited until the end of what is known."""
    answers = [one for wish in wishes for one in wish.answers]
    ended = max((one.told_at for wish in wishes for one in wish.answers), default=0.0)
    ended = max(ended, *(one.told_at for wish in wishes for one in wish.told), 0.0)
    outcomes = [wish.state or (NO if wish.refusals else "") for wish in wishes]
    waits = [_told_at(wish, ended) - wish.answers[0].asked_at for wish in wishes if wish.answers]
    return Seen(
        len(wishes),
        sum(wish.promised for wish in wishes),
        outcomes.count(""),
        dict(Counter(filter(None, outcomes))),
        dict(Counter(_name(one) for one in answers).most_common()),
        _share(answers, lambda one: one.refused is not None),
        _share(answers, lambda one: one.status == 429),
        _share(answers, lambda one: one.status == 503),
        _share(answers, lambda one: one.status == 0 or (one.status >= 500 and one.status != 503)),
        percentile(waits, 0.5),
        percentile(waits, 0.95),
        max(waits, default=0.0),
        max((one.told_at - one.asked_at for one in answers), default=0.0),
    )


def _told_at(wish: Wish, ended: float) -> float:
    told = [one.told_at for one in wish.told if one.state in SETTLED] + [one.told_at for one in wish.refusals]
    return min(told, default=ended)


def _name(answer: Answer) -> str:
    return f"{answer.status} {answer.body.get('code', '')}".strip()


def _share(answers: Sequence[Answer], kind: Callable[[Answer], bool]) -> float:
    return sum(map(kind, answers)) / len(answers) if answers else 0.0
