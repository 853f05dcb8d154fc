"""Goodput under overload, from made-up loads."""

from __future__ import annotations

import pytest

from ops.drills.goodput import SECONDS, Step, goodput, line, wished_and_answered
from ops.drills.wishes import Answer, Student, Wish

OVERLOADED = 500.0 / 1.75  # students a second, of whom every fourth wishes for four sections


def test_the_load_grows_until_no_more_is_answered_and_then_five_times_the_peak_comes() -> None:
    found = goodput(lambda rate: Step(rate, rate * 2, min(rate, 100.0) if rate != OVERLOADED else 85.0, []), 20.0)
    assert [one.per_second for one in found.steps] == [20.0, 40.0, 80.0, 160.0, 320.0, 640.0, OVERLOADED]
    assert (found.peak, found.share) == (100.0, pytest.approx(0.85))
    assert found.holds


@pytest.mark.parametrize(
    "overload",
    [
        Step(OVERLOADED, 500.0, 79.0, []),
        Step(OVERLOADED, 500.0, 100.0, ["something is wrong"]),
        Step(OVERLOADED, 420.0, 100.0, []),  # the clients could not send more: no such overload was seen
    ],
)
def test_too_little_or_something_wrong_or_no_overload_does_not_hold(overload: Step) -> None:
    found = goodput(lambda rate: overload if rate == OVERLOADED else Step(rate, rate, min(rate, 100.0), []), 60.0)
    assert found.peak == 100.0
    assert not found.holds


def test_one_slow_step_is_not_the_peak() -> None:
    found = goodput(lambda rate: Step(rate, rate * 2, 10.0 if rate == 40.0 else min(rate, 100.0), []), 20.0)
    assert found.peak == 100.0


def test_no_step_needs_more_students_than_there_are() -> None:
    found = goodput(lambda rate: Step(rate, rate, rate, []), 20.0, 100.0)
    assert [one.per_second for one in found.steps] == [20.0, 40.0, 80.0, 100.0]


def test_nothing_was_answered() -> None:
    found = goodput(lambda rate: Step(rate, rate, 0.0, []), 10.0)
    assert (found.share, found.times) == (0.0, 0.0)


def test_how_much_was_really_sent_is_told() -> None:
    found = goodput(lambda rate: Step(rate, 420.0 if rate == OVERLOADED else rate, min(rate, 100.0), []), 60.0)
    assert "100 of 240, 100 of 480, 100 of 420; at 4.2 times the peak (5 wanted) 100% of it" in line(found)


def wish(student: int, *answers: tuple[int, float], asked_at: float = 100.0) -> Wish:
    made = Wish(Student(student, ""), 1, "book", "key")
    made.answers = [Answer(status, {}, asked_at, at) for status, at in answers]
    return made


def test_what_was_sent_and_answered_in_the_step() -> None:
    late = 100.0 + SECONDS + 1.0
    wishes = [
        wish(1, (503, 101.0), (202, 102.0), (202, 103.0)),  # once
        wish(2, (202, late)),
        wish(3, (429, 101.0), (409, 103.0)),
        wish(3, (429, 101.0), (0, 102.0)),
        wish(4, (202, late), asked_at=late),
        wish(5),
    ]
    assert wished_and_answered(wishes) == (pytest.approx(4 / SECONDS), pytest.approx(2 / SECONDS))
