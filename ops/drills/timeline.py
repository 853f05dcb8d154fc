"""What an outage was to those who booked: the longest silence, the share that failed, and when it was over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ops.drills.crowd import SETTLED, Answer, Wish

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
    """A drill as its clients saw it; seconds. `back_after_s` counts from the break, None: never."""

    steps: list[Step]
    answers: int
    failed_share: float
    longest_gap_s: float
    longest_wait_for_decision_s: float
    without_redis_s: float
    back_after_s: float | None


def seen(wishes: Sequence[Wish], begun: float, broken: float, ended: float) -> Seen:
    """Measure; the three moments by the monotonic clock. What came after `ended` is nobody's new booking."""
    answers = sorted((one for wish in wishes for one in wish.answers), key=lambda one: one.told_at)
    steps = list(_steps(answers, begun, ended))
    failed = sum(map(_failed, answers))
    return Seen(
        steps,
        len(answers),
        failed / len(answers) if answers else 0.0,
        _longest_gap([begun, *(one.told_at for one in answers if _good(one) and one.told_at < ended), ended]),
        max((_decided_at(wish) - wish.answers[0].asked_at for wish in wishes if wish.state), default=0.0),
        _span(one.told_at for one in answers if one.status == 202 and one.body.get("sequence") is None),
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


def _longest_gap(moments: Sequence[float]) -> float:
    return max((later - earlier for earlier, later in pairwise(moments)), default=0.0)


def _span(moments: Iterable[float]) -> float:
    known = list(moments)
    return max(known) - min(known) if known else 0.0


def _decided_at(wish: Wish) -> float:
    return next(one.told_at for one in wish.told if one.state in SETTLED)


def _back_after(steps: Sequence[Step], broken: float) -> float | None:
    """From the break until full speed without a failure for good; 0 when it was never less, None when it never was again."""
    before = [step.good for step in steps if 1.0 <= step.at < broken - STEP_S]
    wanted = FULL_SPEED * sum(before) / len(before) if before else 1.0
    after = [step for step in steps if step.at + STEP_S > broken]
    back = 0.0
    for number in range(len(after) - STEADY_STEPS + 1):
        window = after[number : number + STEADY_STEPS]
        slow = sum(step.good for step in window) < wanted * STEADY_STEPS
        if slow or window[-1].failed:
            back = window[-1].at + STEP_S - broken
    return back if not after or back + broken < after[-1].at else None
