"""Reserved seats of sections over HTTP, while students are choosing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.admission.errors import SoldOutError
from app.auth.models import Account
from tests.factories import Place, make_place
from tests.functional.enrolment.conftest import Registry, engine, hall, registry
from tests.functional.enrolment.test_reserved import people, wrong
from tests.functional.management.conftest import Desk, code
from tests.functional.management.test_sections import S, wish

__all__ = ["engine", "hall", "registry"]


def kept(place: Place, seats: int = 1, **fields: Any) -> dict[str, Any]:
    return {"name": "本院", "seats": seats, "colleges": [str(place.college_id)], **fields}


def pools(document: dict[str, Any]) -> list[tuple[str, str, int, int]]:
    return [(one["pool"], one["name"], one["capacity"], one["seats_left"]) for one in document["pools"]]


@pytest.fixture
def place(registry: Registry) -> Place:
    return make_place(registry.services)


def settled(registry: Registry, students: list[Account], section: int) -> list[tuple[str, str]]:
    registry.engine.sheets._known.clear()
    found = [registry.settled(one, section) for one in students]
    return [(one.state, one.pool) for one in found]


def test_a_section_with_reserved_seats(desk: Desk, registry: Registry, place: Place, client: Any) -> None:
    until = (registry.services.clock.now() + timedelta(days=1)).replace(microsecond=0).isoformat()
    answer = desk.post(S, wish(registry, capacity=3, reservations=[kept(place, 2)], reserved_until=until))
    assert answer.status_code == 201
    made = answer.json
    assert pools(made) == [("r1", "本院", 2, 2), ("0", "", 1, 1)]
    assert made["reservations"] == [{"pool": "r1", **kept(place, 2), "grades": [], "classes": []}]
    section = int(made["id"])
    found = client.get(f"/api/sections/{section}").json
    assert (pools(found), found["reserved_until"]) == (pools(made), made["reserved_until"])
    assert "reservations" not in found
    [ours], strangers = people(registry, place, 1), people(registry, None, 2)
    assert settled(registry, [ours, strangers[0]], section) == [("confirmed", "r1"), ("confirmed", "0")]
    assert [one["seats_left"] for one in desk.get(f"{S}/{section}").json["pools"]] == [1, 0]
    with pytest.raises(SoldOutError):
        registry.enrol(strangers[1], section)
    assert wrong(registry, section) == []


def test_reservations_change_while_students_choose(desk: Desk, registry: Registry, place: Place) -> None:
    section = int(desk.make(S, **wish(registry, capacity=2, waitlist_capacity=2)))
    [ours, late], [stranger] = people(registry, place, 2), people(registry, None, 1)
    assert settled(registry, [stranger], section) == [("confirmed", "0")]
    found = desk.patch(f"{S}/{section}", {"reservations": [kept(place)]}).json
    assert (pools(found), found["version"]) == ([("r1", "本院", 1, 1), ("0", "", 1, 0)], 2)
    assert settled(registry, [ours, late], section) == [("confirmed", "r1"), ("waitlisted", "0")]
    assert desk.patch(f"{S}/{section}", {"reservations": found["reservations"]}).json["version"] == 2  # nothing new
    answer = desk.patch(f"{S}/{section}", {"reservations": []})
    assert code(answer) == (409, "capacity_taken")  # somebody sits there
    more = [{**found["reservations"][0], "seats": 2}]
    assert pools(desk.patch(f"{S}/{section}", {"capacity": 3, "reservations": more}).json) == [
        ("r1", "本院", 2, 0),
        ("0", "", 1, 0),
    ]
    assert registry.holds(late) == {section: "confirmed"}  # an heir
    registry.drop(ours, section)
    registry.drop(late, section)
    registry.hall.settle()
    found = desk.patch(f"{S}/{section}", {"reservations": [], "capacity": 3}).json
    assert (pools(found), found["reservations"]) == ([("0", "", 3, 2)], [])
    assert wrong(registry, section) == []


def test_the_capacity_is_that_of_all_pools(desk: Desk, registry: Registry, place: Place) -> None:
    section = int(desk.make(S, **wish(registry, capacity=2, reservations=[kept(place)])))
    assert pools(desk.patch(f"{S}/{section}", {"capacity": 5}).json) == [("r1", "本院", 1, 1), ("0", "", 4, 4)]
    assert pools(desk.patch(f"{S}/{section}", {"capacity": 1}).json) == [("r1", "本院", 1, 1), ("0", "", 0, 0)]
    with pytest.raises(SoldOutError):
        settled(registry, people(registry, None, 1), section)
    assert code(desk.patch(f"{S}/{section}", {"capacity": 0})) == (422, "invalid_input")
    assert wrong(registry, section) == []


def test_reservations_that_cannot_be(desk: Desk, registry: Registry, place: Place) -> None:
    section = desk.make(S, **wish(registry, capacity=2, reservations=[kept(place)]))
    for bad in (
        [kept(place, 3)],
        [kept(place, colleges=[])],
        [kept(place, colleges=["1"])],
        [kept(place, classes=["1"])],
        [kept(place, pool="r7")],
        [kept(place, pool="0")],
        [kept(place, seats=-1)],
    ):
        assert code(desk.patch(f"{S}/{section}", {"reservations": bad})) == (422, "invalid_input"), bad
        assert code(desk.post(S, wish(registry, capacity=2, reservations=bad))) == (422, "invalid_input"), bad
    twice = [kept(place, pool="r1"), kept(place, pool="r1", seats=0)]
    assert code(desk.patch(f"{S}/{section}", {"reservations": twice})) == (422, "invalid_input")
    assert pools(desk.get(f"{S}/{section}").json) == [("r1", "本院", 1, 1), ("0", "", 1, 1)]
