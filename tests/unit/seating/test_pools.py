"""Which pools an offering shall have, worked out without a server."""

from __future__ import annotations

import pytest

from app.admission.models import SeatPool
from app.errors import InvalidInputError
from app.org.audience import Audience
from app.seating.pools import Sizes, name_pools, plan_sizes
from app.seating.reservations import ReservationDraft

COLLEGE = Audience(colleges=frozenset({1}))


def pool(name: str, capacity: int, line: int = 0) -> SeatPool:
    return SeatPool(id=1, kind="lecture", offering_id=7, pool=name, capacity=capacity, line_capacity=line, taken=0)


def test_reservations_find_their_pools_by_pool_then_by_name_then_anew() -> None:
    drafts = [
        ReservationDraft("moved", 5, COLLEGE, "r1"),
        ReservationDraft("kept", 5, COLLEGE),
        ReservationDraft("fresh", 5, COLLEGE),
    ]
    named = name_pools(drafts, {"r1": "old name", "r2": "kept"}, {"0", "r1", "r2", "r3"})
    assert [one for one, _ in named] == ["r1", "r2", "r4"]


def test_a_pool_of_another_offering_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        name_pools([ReservationDraft("a", 1, COLLEGE, "r9")], {"r1": "a"}, {"r1"})


def test_smaller_ones_come_first_and_forgotten_ones_are_emptied() -> None:
    sizes = Sizes(100, 8, [("r2", ReservationDraft("b", 30, COLLEGE))])
    plan = plan_sizes("lecture", 7, sizes, {"0": pool("0", 60), "r1": pool("r1", 40)})
    assert [(one.pool, one.capacity, one.line_capacity) for one in plan.changes] == [("r1", 0, 0), ("0", 70, 8)]
    assert [(one.pool, one.capacity) for one in plan.new] == [("r2", 30)]


def test_nothing_to_do() -> None:
    plan = plan_sizes("lecture", 7, Sizes(100, 0), {"0": pool("0", 100)})
    assert plan.changes == plan.new == ()
