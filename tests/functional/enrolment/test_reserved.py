"""Seats of a section that are reserved for a college: who draws from them, who inherits them, and when they are for all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.admission import rebuild
from app.admission.claims import Claim, claim_id
from app.admission.errors import SoldOutError
from app.auth.models import Account
from app.catalogue.models import KIND
from app.enrolment.judging import SectionJudge
from app.enrolment.sections.reserved import SECTIONS
from app.seating.opening import open_reserved
from ops.drills.checker import Checker
from tests.clock import TravelClock
from tests.factories import Place, actor_for, make_place
from tests.functional.enrolment.conftest import MONDAY_1_2, MONDAY_2_3, TUESDAY_1_2, Registry


@dataclass
class Full:
    """A section with one seat for all and one reserved for `place`, both taken; a stranger waits, then one of `place`."""

    section: int
    place: Place
    owner: Account
    stranger: Account
    heir: Account
    claims: dict[int, str]  # student → claim


@pytest.fixture
def place(registry: Registry) -> Place:
    return make_place(registry.services)


@pytest.fixture
def full(registry: Registry, place: Place) -> Full:
    section = kept(registry, place, capacity=2)
    owner, heir, first, stranger = *people(registry, place, 2), *people(registry, None, 2)
    claims = {one.id: registry.enrol(one, section) for one in (owner, first, stranger, heir)}
    registry.hall.settle()
    states = [
        (registry.standing(claims[one.id]).state, registry.standing(claims[one.id]).pool) for one in (owner, first)
    ]
    assert states == [("confirmed", "r1"), ("confirmed", "0")]
    assert [registry.standing(claims[one.id]).state for one in (stranger, heir)] == ["waitlisted"] * 2
    return Full(section, place, owner, stranger, heir, claims)


def kept(registry: Registry, place: Place, *, capacity: int, seats: int = 1, **fields: Any) -> int:
    """A section of which some seats are for a college."""
    reserved = [(seats, {"colleges": [str(place.college_id)]})]
    return registry.section(None, MONDAY_1_2, capacity=capacity, reserved=reserved, **fields)


def people(registry: Registry, place: Place | None, count: int) -> list[Account]:
    made = registry.hall.students(count, place=place) if place else registry.hall.students(count)
    for one in made:
        registry.grant(one)
    return made


def at(registry: Registry, full: Full, student: Account) -> tuple[str, str, str]:
    now = registry.standing(full.claims[student.id])
    return now.state, now.pool, now.reason


def wrong(registry: Registry, section: int) -> list[str]:
    """At rest: Redis and MariaDB agree, accounts too, and no heir waits while a seat is free."""
    with registry.services.db.transaction() as session:
        session.execute(text("UPDATE outbox SET done_at = NOW(6)"))
    found = list(Checker(registry.services, registry.engine, KIND).wrong([], [section]))
    return [*found, *map(repr, registry.engine.account_check.differences(KIND)), *map(repr, differing(registry))]


def differing(registry: Registry) -> list[Any]:
    return [one for one in registry.engine.reconciler.differences() if one.size.kind == KIND]


def test_reserved_seats_are_drawn_first_and_by_nobody_else(registry: Registry, place: Place) -> None:
    section = kept(registry, place, capacity=3, line=0)
    ours, others = people(registry, place, 2), people(registry, None, 3)
    found = [registry.settled(one, section) for one in (others[0], *ours)]
    assert [(one.state, one.pool) for one in found] == [("confirmed", "0"), ("confirmed", "r1"), ("confirmed", "0")]
    with pytest.raises(SoldOutError):
        registry.enrol(others[1], section)
    assert wrong(registry, section) == []


def test_a_cancelled_reserved_seat_is_an_heirs_before_anybodys(registry: Registry, full: Full) -> None:
    registry.drop(full.owner, full.section)
    registry.hall.settle()
    assert at(registry, full, full.heir) == ("confirmed", "r1", "promoted")
    assert at(registry, full, full.stranger) == ("waitlisted", "0", "")
    assert registry.account(full.heir) == {full.section: "seat"}
    assert (registry.used(full.heir), registry.used(full.owner)) == (2, 0)
    assert wrong(registry, full.section) == []


def test_an_heir_whose_time_is_taken_is_passed_over(registry: Registry, full: Full) -> None:
    """And keeps the place in the line; whoever drops the other course is offered the seat by the watch."""
    busy = registry.section(None, MONDAY_2_3)
    assert registry.settled(full.heir, busy).state == "confirmed"
    registry.drop(full.owner, full.section)
    registry.hall.settle()
    assert at(registry, full, full.heir) == ("waitlisted", "0", "")
    assert registry.seats(full.section, "r1") == ((1, 0), (1, 0))
    assert registry.engine.offers.make() == 0
    assert wrong(registry, full.section) == []
    registry.drop(full.heir, busy)
    registry.hall.settle()
    assert registry.engine.offers.make() == 1
    registry.hall.settle()
    assert at(registry, full, full.heir) == ("confirmed", "r1", "promoted")
    assert wrong(registry, full.section) == []


def test_without_asking_the_judge_an_heir_sits_in_two_rooms(
    registry: Registry, full: Full, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.settled(full.heir, registry.section(None, MONDAY_2_3))
    monkeypatch.setattr(SectionJudge, "waiter_refusals", lambda *_: {})
    registry.drop(full.owner, full.section)
    registry.hall.settle()
    assert any("in" in one for one in wrong(registry, full.section))


def test_settle_believes_no_message_about_a_pool(registry: Registry, place: Place, full: Full) -> None:
    """Redis was told of another college, or a reservation is for others since."""
    registry.drop(full.owner, full.section)
    registry.drop(full.heir, full.section)
    registry.hall.settle()
    [stranger] = people(registry, None, 1)
    for hold, pool, outcome in (("seat", "r1", ("rejected", "not_in_pool")), ("any", "0", ("waitlisted", ""))):
        made = claim_id(stranger.id, "book", KIND, full.section, f"key-{hold}")
        now = registry.services.clock.epoch_ms()
        told: Any = hold
        claim = Claim(made, KIND, "book", stranger.id, full.section, ("r1", "0"), pool, told, admitted_at=now)
        registry.hall.settle([claim])
        assert (registry.standing(made).state, registry.standing(made).reason) == outcome


def test_a_swap_takes_a_reserved_seat(registry: Registry, place: Place) -> None:
    section, other = kept(registry, place, capacity=1), registry.section(None, TUESDAY_1_2)
    [ours], [stranger] = people(registry, place, 1), people(registry, None, 1)
    for one in (ours, stranger):
        registry.settled(one, other)
    with pytest.raises(SoldOutError):
        registry.swap(stranger, other, section)
    made = registry.swap(ours, other, section)
    registry.hall.settle()
    assert (registry.standing(made).state, registry.standing(made).pool) == ("confirmed", "r1")
    registry.swap(ours, section, registry.section(None, MONDAY_2_3))
    registry.hall.settle()
    assert registry.seats(section, "r1") == ((1, 0), (1, 0))
    assert wrong(registry, section) == []


def test_standings_count_the_seats_one_may_have(registry: Registry, place: Place) -> None:
    section = kept(registry, place, capacity=1)
    [ours], [stranger] = people(registry, place, 1), people(registry, None, 1)
    assert not standing_of(registry, ours, section).would_wait
    assert standing_of(registry, stranger, section).would_wait


def standing_of(registry: Registry, student: Account, section: int) -> Any:
    from app.enrolment.standings import standings_of

    [found] = standings_of(registry.services, registry.engine, actor_for(registry.services, student), [section])
    return found


def test_after_a_rebuild_pools_and_accounts_are_as_before(
    registry: Registry, full: Full, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuild, "DRAIN_WITHIN_S", 0.1)  # nothing is on its way, and no consumer answers the barriers
    assert wrong(registry, full.section) == []
    registry.services.redis.flushall()
    registry.engine.watch.rebuild()
    assert wrong(registry, full.section) == []
    registry.drop(full.owner, full.section)
    registry.hall.settle()
    assert at(registry, full, full.heir) == ("confirmed", "r1", "promoted")
    assert wrong(registry, full.section) == []


def test_a_counter_of_a_reserved_pool_that_drifts_is_mended(registry: Registry, full: Full) -> None:
    redis: Any = registry.engine.store.redis
    redis.hincrby(f"sr:o:{KIND}:{full.section}", "s:r1", 1)
    with registry.services.db.transaction() as session:
        session.execute(text("UPDATE outbox SET done_at = NOW(6)"))
    assert [(one.size.pool, one.seen[0]) for one in differing(registry)] == [("r1", 1)]
    assert [registry.engine.reconciler.repair() for _ in range(2)] == [0, 1]
    assert wrong(registry, full.section) == []


def test_free_ones_are_for_all_at_the_set_time(registry: Registry, place: Place, clock: TravelClock) -> None:
    """Who waits gets them; whoever has come to sit elsewhere at that time is passed over."""
    opens = registry.services.clock.now() + timedelta(minutes=5)
    section = kept(registry, place, capacity=4, seats=3, reserved_until=opens)
    people(registry, place, 1)
    first, busy, waiting = people(registry, None, 3)
    claims = {one.id: registry.enrol(one, section) for one in (first, busy, waiting)}
    registry.hall.settle()
    registry.settled(busy, registry.section(None, MONDAY_2_3))
    assert opened(registry) == 0
    clock.advance(301)
    assert opened(registry) == 3
    assert opened(registry) == 0
    states = [
        (registry.standing(claims[one.id]).state, registry.standing(claims[one.id]).reason) for one in (busy, waiting)
    ]
    assert states == [("expired", "timetable_clash"), ("confirmed", "promoted")]
    assert (registry.seats(section), registry.seats(section, "r1")) == (((2, 0), (2, 0)), ((0, 0), (0, 0)))
    assert wrong(registry, section) == []


def opened(registry: Registry) -> int:
    return open_reserved(registry.engine, registry.services, SECTIONS, registry.services.clock.now())
