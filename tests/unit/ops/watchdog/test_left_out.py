"""Which member of Galera is started anew: one that is in no primary component while a majority of all hosts is in one."""

from __future__ import annotations

import pytest

from ops.stack.watchdog.database import Member
from ops.stack.watchdog.left_out import left_out

IN, OUT, DOWN = Member(runs=True, status="Primary"), Member(runs=True, status="non-Primary"), Member(runs=False)


def test_two_of_three_went_on_without_the_third() -> None:
    assert left_out("h3", {"h1": IN, "h2": IN, "h3": OUT})


@pytest.mark.parametrize("mine", [IN, DOWN, None, Member(runs=True, status="Disconnected")])
def test_who_is_in_it_or_starting_or_cannot_be_asked_is_left_alone(mine: Member | None) -> None:
    assert not left_out("h3", {"h1": IN, "h2": IN, "h3": mine})


@pytest.mark.parametrize("other", [OUT, DOWN, None])
def test_without_a_majority_that_says_so_nobody_is(other: Member | None) -> None:
    """Who is cut off hears nobody; and where none has a primary component one must begin it (database.py)."""
    assert not left_out("h3", {"h1": IN, "h2": other, "h3": OUT})


def test_of_five_three_are_enough() -> None:
    assert left_out("h5", {"h1": IN, "h2": IN, "h3": IN, "h4": None, "h5": OUT})
    assert not left_out("h5", {"h1": IN, "h2": IN, "h3": DOWN, "h4": OUT, "h5": OUT})
