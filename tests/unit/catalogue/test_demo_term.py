"""When the demo campus's present term begins: on whatever day it is made, it is under way and has weeks to come."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.catalogue.demo import WEEKS, WEEKS_LEFT, within_term

AUTUMN, SPRING = date(2026, 8, 31), date(2027, 2, 22)


@pytest.mark.parametrize("usual", [AUTUMN, SPRING])
def test_it_is_taught_on_that_day_and_some_weeks_more(usual: date) -> None:
    for day in (usual + timedelta(days=n) for n in range(-40, 200)):
        begins = within_term(usual, day)
        assert begins.weekday() == 0
        assert 0 <= (day - begins).days // 7 <= WEEKS - WEEKS_LEFT


def test_in_most_weeks_it_is_the_usual_monday() -> None:
    for day in (AUTUMN + timedelta(days=n) for n in range(7 * (WEEKS - WEEKS_LEFT))):
        assert within_term(AUTUMN, day) == AUTUMN


@pytest.mark.parametrize(
    ("day", "begins"),
    [
        (date(2027, 1, 20), date(2026, 10, 12)),  # the winter holidays
        (date(2026, 8, 5), date(2026, 8, 3)),  # before the first week
    ],
)
def test_in_the_holidays_another_one(day: date, begins: date) -> None:
    assert within_term(AUTUMN, day) == begins
