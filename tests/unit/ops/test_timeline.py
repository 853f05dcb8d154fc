"""What an outage is to clients, from made-up answers."""

from __future__ import annotations

import pytest

from ops.drills.timeline import seen
from ops.drills.wishes import Answer, Student, Told, Wish

BEGUN, BROKEN, ENDED = 100.0, 110.0, 140.0


def wish(at: float, *answers: tuple[int, float], told_at: float | None = None, sequence: int | None = 1) -> Wish:
    """Asked at a moment; (status, seconds until that answer) of each try."""
    made = Wish(Student(1, ""), 1, "book", f"key-{at}")
    made.answers = [Answer(status, {"sequence": sequence}, at, at + took) for status, took in answers]
    if told_at is not None:
        made.told = [Told("pending", 0, None, at, at + 0.1), Told("confirmed", 1, None, told_at, told_at)]
    return made


def steady(*, without: tuple[float, float] = (0.0, 0.0)) -> list[Wish]:
    """Ten a second, but in that time."""
    moments = [BEGUN + number / 10 for number in range(400)]
    return [wish(at, (202, 0.01)) for at in moments if not without[0] <= at < without[1]]


def test_nothing_happens() -> None:
    one = seen(steady(), BEGUN, BROKEN, ENDED)
    assert (one.failed_share, one.back_after_s, one.without_redis_s) == (0.0, 0.0, 0.0)
    assert one.longest_gap_s == pytest.approx(0.1)
    assert {step.good for step in one.steps} == {5}


def test_a_silence_of_four_seconds() -> None:
    one = seen(steady(without=(112.0, 116.0)), BEGUN, BROKEN, ENDED)
    assert one.longest_gap_s == pytest.approx(4.1)
    assert one.back_after_s is not None
    assert 6.0 <= one.back_after_s <= 8.0


def test_failures_are_no_speed() -> None:
    failed = [wish(BROKEN + number / 10, (0, 0.0), (503, 0.05)) for number in range(30)]
    one = seen([*steady(), *failed], BEGUN, BROKEN, ENDED)
    assert one.failed_share == pytest.approx(60 / 460)
    assert one.back_after_s == pytest.approx(3.0)


def test_an_outage_without_end() -> None:
    assert seen(steady(without=(112.0, 150.0)), BEGUN, BROKEN, ENDED).back_after_s is None


def test_who_waited_longest_for_a_decision_and_how_long_redis_was_missed() -> None:
    late = wish(120.0, (202, 0.1), told_at=127.5, sequence=None)
    later = wish(122.0, (202, 0.1), sequence=None)
    one = seen([*steady(), late, later], BEGUN, BROKEN, ENDED)
    assert (one.longest_wait_for_decision_s, one.without_redis_s) == (pytest.approx(7.4), pytest.approx(2.0))


def test_a_failure_right_after_the_break_counts_too() -> None:
    """Also one of its first second, which no window of steps ends with."""
    failed = wish(BROKEN + 0.1, (502, 0.1))
    assert seen([*steady(), failed], BEGUN, BROKEN, ENDED).back_after_s == pytest.approx(0.5)


def test_for_how_long_nothing_was_decided() -> None:
    told = [wish(at, (202, 0.1), told_at=at + 0.5) for at in (101.0, 104.0, 111.0, 138.0)]
    assert seen([*steady(), *told], BEGUN, BROKEN, ENDED).decisions_gap_s == pytest.approx(27.0)
    untold = [wish(105.0, (202, 0.1))]
    untold[0].told = [Told("pending", 0, None, 106.0, 106.1)]
    assert seen(untold, BEGUN, BROKEN, ENDED).decisions_gap_s == pytest.approx(ENDED - 106.0)
    assert seen(steady(), BEGUN, BROKEN, ENDED).decisions_gap_s == 0.0, "nobody asks in that load"
