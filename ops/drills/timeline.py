"""What an outage was to those who booked: the longest silence, the share that failed, and when it was over."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

from ops.drills.wishes import SETTLED, Answer, Wish

STEP_S = 0.5
FULL_SPEED = 0.75  # of the answers that there were before, which vary: some students come back
STEADY_STEPS = 4  # in a row


@dataclass(frozen=True, slots=True)
class Step:
    """Half a second of the load: how many answers, and how slow. Seconds since the load began, milliseconds."""

    at: float
    good: int
    failed: int
    slowest_ms: float


@dataclass(frozen=True, slots=True)
class Seen:
    """A drill as its clients saw it; seconds. `back_after_s` counts from the break, None: never. `decisions_gap_s`: for how
    long nobody was told a decision, and so about how long none was stored. `without_redis_s`: for how long claims were
    accepted without a verdict.
    """

    steps: list[Step]
    answers: int
    failed_share: float
    longest_gap_s: float
    longest_wait_for_decision_s: float
    decisions_gap_s: float
    without_redis_s: float
    back_after_s: float | None


def seen(wishes: Sequence[Wish], begun: float, broken: float, ended: float) -> Seen:
    """Measure; the three moments by the monotonic clock. What came after `ended` is nobody's new booking."""
    answers = sorted((one for wish in wishes for one in wish.answers), key=lambda one: one.told_at)
    steps = list(_steps(answers, begun, ended))
    failed = sum(map(_failed, answers))
    decided = [wish for wish in wishes if wish.state]
    asked = [wish.told[0].asked_at for wish in wishes if wish.told]
    return Seen(
        steps,
        len(answers),
        failed / len(answers) if answers else 0.0,
        longest_gap([begun, *(one.told_at for one in answers if _good(one) and one.told_at < ended), ended]),
        max((_decided_at(wish) - _accepted_at(wish) for wish in decided), default=0.0),
        longest_gap(
            [min(asked), *(one for one in sorted(map(_decided_at, decided)) if one < ended), ended] if asked else ()
        ),
        _span(one.told_at for wish in wishes for one in _first_accepted(wish) if one.body.get("sequence") is None),
        _back_after(steps, broken - begun),
    )


def _good(answer: Answer) -> bool:
    """It was dealt with: accepted or refused with a reason."""
    return 200 <= answer.status < 500 and answer.status != 429


def _failed(answer: Answer) -> bool:
    return not _good(answer) and answer.status != 429


def _steps(answers: Sequence[Answer], begun: float, ended: float) -> Iterator[Step]:
    for number in range(max(1, int((ended - begun) / STEP_S))):
        start = begun + number * STEP_S
        here = [one for one in answers if start <= one.told_at < start + STEP_S]
        slowest = max((one.told_at - one.asked_at for one in here), default=0.0)
        good = sum(map(_good, here))
        yield Step(number * STEP_S, good, sum(map(_failed, here)), slowest * 1000)


def longest_gap(moments: Sequence[float]) -> float:
    """Between one and the next of moments in order."""
    return max((later - earlier for earlier, later in pairwise(moments)), default=0.0)


def _span(moments: Iterable[float]) -> float:
    known = list(moments)
    return max(known) - min(known) if known else 0.0


def _first_accepted(wish: Wish) -> Iterator[Answer]:
    """The first 202, if there is one; later ones say again what was said then."""
    return itertools.islice((one for one in wish.answers if one.status == 202), 1)


def _accepted_at(wish: Wish) -> float:
    """When a 202 was told; one that was told by GET only, after answers that were lost, has none."""
    return next((one.told_at for one in _first_accepted(wish)), wish.answers[0].asked_at)


def _decided_at(wish: Wish) -> float:
    return next(one.told_at for one in wish.told if one.state in SETTLED)


def _back_after(steps: Sequence[Step], broken: float) -> float | None:
    """From the break until full speed without a failure for good; 0 when it was never less, None when it never was again."""
    before = [step.good for step in steps if 1.0 <= step.at < broken - STEP_S]
    wanted = FULL_SPEED * sum(before) / len(before) if before else 1.0
    wanted *= STEADY_STEPS
    wanted = max(
        wanted / 2, wanted - 2 * sqrt(wanted)
    )  # students come by chance: at a low rate fewer are nothing unusual
    after = [step for step in steps if step.at + STEP_S > broken]
    back = max((step.at + STEP_S - broken for step in after if step.failed), default=0.0)
    for number in range(len(after) - STEADY_STEPS + 1):
        window = after[number : number + STEADY_STEPS]
        if sum(step.good for step in window) < wanted:
            back = max(back, window[-1].at + STEP_S - broken)
    return back if not after or back + broken < after[-1].at else None
