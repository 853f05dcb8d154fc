"""The lectures of a term that a student has booked or waits for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.auth.models import Account
from app.extensions.services import Services
from app.factory import create_app
from app.lectures.booking import cancel
from app.lectures.cancelling import cancel_lecture
from tests.factories import actor_for, bearer
from tests.functional.enrolment.conftest import Registry, registry
from tests.functional.lectures.conftest import Maker, engine, hall, make, manager

__all__ = ["engine", "hall", "make", "manager", "registry"]


def told(registry: Registry, who: Account, query: str = "") -> Any:
    answer = registry.client.get(f"/api/me/lectures{query}", headers=bearer(registry.services, who))
    assert answer.status_code == 200, answer.json
    return [(int(one["lecture"]["id"]), one["state"]) for one in answer.json["items"]]


def test_from_the_booking_to_the_cancellation(registry: Registry, make: Maker, manager: Account) -> None:
    services, hall = registry.services, registry.hall
    later, sooner, off = make(capacity=1).lecture, make(starts_at=_in(services, 1), capacity=1).lecture, make().lecture
    first, second = registry.student(), registry.student()
    hall.book(later.id, [first, second])
    hall.book(sooner.id, [second])
    hall.book(off.id, [second])
    assert told(registry, first) == [(later.id, "confirmed")]
    assert told(registry, second) == [(sooner.id, "confirmed"), (later.id, "waitlisted"), (off.id, "confirmed")]
    cancel(hall.engine, actor_for(services, first), later.id, "key-cancel-1")
    hall.settle()
    assert told(registry, first) == []
    cancel_lecture(services, hall.engine, actor_for(services, manager), off.id)
    assert told(registry, second) == [(sooner.id, "confirmed"), (later.id, "confirmed")]


def test_what_it_says_of_a_lecture(registry: Registry, make: Maker) -> None:
    lecture, student = make(title="引力波").lecture, registry.student()
    (standing,) = registry.hall.book(lecture.id, [student])
    answer = registry.client.get("/api/me/lectures", headers=bearer(registry.services, student))
    (one,) = answer.json["items"]
    assert one["claim_id"] == standing.id
    assert one["lecture"]["title"] == "引力波"
    assert one["lecture"]["starts_at"].endswith("+08:00")


def test_a_term_begins_and_ends_at_midnight_on_campus(registry: Registry, make: Maker) -> None:
    services, student = registry.services, registry.student()
    lecture = make().lecture
    registry.hall.book(lecture.id, [student])
    day = lecture.starts_at.astimezone(services.settings.campus_timezone).date()
    seen = {}
    for moved, starts_on in enumerate([day, day + timedelta(days=2), day - timedelta(weeks=16)]):
        registry.move_term(starts_on)
        # A worker that has not read the terms yet.
        client = create_app(services=services).test_client()
        path = f"/api/me/lectures?term_id={registry.term}"
        seen[moved] = len(client.get(path, headers=bearer(services, student)).json["items"])
    assert seen == {0: 1, 1: 0, 2: 0}


def test_who_may_ask_and_for_what(registry: Registry, manager: Account) -> None:
    student = bearer(registry.services, registry.student())
    assert registry.client.get("/api/me/lectures").status_code == 401
    assert registry.client.get("/api/me/lectures", headers=bearer(registry.services, manager)).status_code == 403
    assert registry.client.get("/api/me/lectures?term_id=7", headers=student).json["code"] == "term_not_found"
    assert registry.client.get("/api/me/lectures?term=next", headers=student).status_code == 422
    assert registry.client.get("/api/me/lectures?term=current", headers=student).json == {"items": []}


def _in(services: Services, days: int) -> Any:
    return services.clock.now() + timedelta(days=days)
