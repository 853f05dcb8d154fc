"""Goodput under overload, from made-up loads."""

from __future__ import annotations

import pytest

from ops.drills.goodput import Step, accepted, goodput
from ops.drills.wishes import Answer, Student, Wish


def test_the_load_grows_until_no_more_is_accepted_and_then_five_times_the_peak_comes() -> None:
    found = goodput(lambda rate: Step(rate, min(rate, 100.0) if rate < 450 else 85.0, []), 20.0)
    assert [one.per_second for one in found.steps] == [20.0, 40.0, 80.0, 160.0, 320.0, 500.0]
    assert (found.peak, found.share) == (100.0, pytest.approx(0.85))
    assert found.holds


@pytest.mark.parametrize("overload", [Step(500.0, 79.0, []), Step(500.0, 100.0, ["something is wrong"])])
def test_too_little_or_something_wrong_does_not_hold(overload: Step) -> None:
    found = goodput(lambda rate: overload if rate == 500.0 else Step(rate, min(rate, 100.0), []), 60.0)
    assert found.peak == 100.0
    assert not found.holds


def test_nothing_was_accepted() -> None:
    assert goodput(lambda rate: Step(rate, 0.0, []), 10.0).share == 0.0


def wish(*answers: tuple[int, float]) -> Wish:
    made = Wish(Student(1, ""), 1, "book", "key")
    made.answers = [Answer(status, {}, 100.0, at) for status, at in answers]
    return made


def test_a_wish_counts_once_and_in_time() -> None:
    wishes = [wish((503, 101.0), (202, 102.0), (202, 103.0)), wish((202, 111.0)), wish((409, 101.0)), wish()]
    assert accepted(wishes, 10.0) == pytest.approx(0.1)
