"""The feed over HTTP: whose it is, what stands in it, and who cannot read it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import text, update

from app.auth.models import Account
from app.catalogue.models import Section, Term
from app.catalogue.terms import campus_day
from app.extensions.services import Services
from app.lectures.booking import cancel
from app.lectures.cancelling import cancel_lecture
from app.lectures.editing import edit_lecture
from tests.factories import actor_for, bearer
from tests.functional.enrolment.conftest import MONDAY_1_2, TUESDAY_1_2, Registry, registry
from tests.functional.lectures.conftest import Maker, engine, hall, make, manager

__all__ = ["engine", "hall", "make", "manager", "registry"]

ADDRESS = "/api/me/calendar-feed"


def address(registry: Registry, who: Account) -> str:
    answer = registry.client.post(ADDRESS, headers=bearer(registry.services, who))
    assert answer.status_code == 201
    return str(answer.json["url"]).removeprefix("http://localhost")


def read(registry: Registry, path: str, **headers: str) -> Any:
    return registry.client.get(path, headers=headers)


def uids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.json
    return [str(event["uid"]).partition("@")[0].partition("-")[0] for event in Calendar.from_ical(answer.data).events]


def test_classes_exams_and_lectures_of_ones_own(registry: Registry, make: Maker, services: Services) -> None:
    exam = services.clock.now() + timedelta(days=100)
    mine, other = registry.section(None, MONDAY_1_2, exam_at=exam), registry.section(None, TUESDAY_1_2, capacity=1)
    student, before = registry.student(), registry.student()
    registry.settled(before, other)
    registry.settled(student, mine)
    assert registry.settled(student, other).state == "waitlisted"
    lecture = make().lecture.id
    registry.hall.book(lecture, [student])
    path = address(registry, student)
    assert uids(read(registry, path)) == ["meeting", "exam", "lecture"]
    registry.drop(student, mine)
    registry.hall.settle()
    assert uids(read(registry, path)) == ["lecture"]
    # A place in the line is nothing to go to; a seat is.
    registry.drop(before, other)
    registry.hall.settle()
    assert uids(read(registry, path)) == ["meeting", "lecture"]


def test_a_lecture_keeps_its_uid_and_leaves_with_its_booking(
    registry: Registry, make: Maker, services: Services, manager: Account
) -> None:
    student, boss, hall = registry.student(), actor_for(services, manager), registry.hall
    lecture, off = make().lecture, make().lecture
    for one in (lecture, off):
        hall.book(one.id, [student])
    path = address(registry, student)
    first, second = Calendar.from_ical(read(registry, path).data).events
    assert [first["uid"], second["uid"]] == [f"lecture-{one.id}@seatrush" for one in (lecture, off)]
    later = lecture.starts_at.replace(microsecond=0) + timedelta(hours=1)
    edit_lecture(services, registry.engine, boss, lecture.id, {"starts_at": later}, version=lecture.version)
    moved, _ = Calendar.from_ical(read(registry, path).data).events
    assert (moved["uid"], moved["dtstart"].dt, moved["status"]) == (first["uid"], later, "CONFIRMED")
    assert moved["sequence"] > first["sequence"]
    cancel_lecture(services, registry.engine, boss, off.id)
    assert uids(read(registry, path)) == ["lecture"]
    cancel(registry.engine, actor_for(services, student), lecture.id, "key-cancel-1")
    hall.settle()
    assert uids(read(registry, path)) == []
    hall.book(make(capacity=1).lecture.id, [registry.student(), student])
    assert uids(read(registry, path)) == [], "a place in the line is nothing to go to"


def test_holidays_and_cancelled_sections(registry: Registry, services: Services) -> None:
    section, student = registry.section(None, MONDAY_1_2), registry.student()
    registry.settled(student, section)
    path = address(registry, student)
    today = campus_day(services)
    monday = today - timedelta(days=today.weekday())
    with services.db.transaction() as session:
        session.execute(
            update(Term)
            .where(Term.id == registry.term)
            .values(starts_on=monday, teaching_free_days=[(monday + timedelta(weeks=3)).isoformat()])
        )
    (event,) = Calendar.from_ical(read(registry, path).data).events
    assert [one.dt.date() for one in event["exdate"].dts] == [monday + timedelta(weeks=3)]
    with services.db.transaction() as session:
        session.execute(update(Section).where(Section.id == section).values(state="cancelled"))
    assert uids(read(registry, path)) == []


def test_a_teacher_sees_what_he_teaches(registry: Registry, services: Services, manager: Account) -> None:
    registry.section(None, MONDAY_1_2, teacher_id=manager.id)
    assert uids(read(registry, address(registry, manager))) == ["meeting"]


def test_a_term_long_over_is_gone(registry: Registry, services: Services) -> None:
    student = registry.student()
    registry.settled(student, registry.section(None, MONDAY_1_2))
    with services.db.transaction() as session:
        session.execute(update(Term).values(starts_on=campus_day(services) - timedelta(weeks=16 + 27)))
    assert uids(read(registry, address(registry, student))) == []


def test_a_new_address_ends_the_old_one(registry: Registry, services: Services) -> None:
    student = registry.student()
    headers = bearer(services, student)
    assert registry.client.get(ADDRESS, headers=headers).json == {"issued_at": None}
    first = address(registry, student)
    second = address(registry, student)
    assert first != second
    assert read(registry, first).json["code"] == "calendar_feed_not_found"
    assert read(registry, second).status_code == 200
    assert registry.client.get(ADDRESS, headers=headers).json["issued_at"].endswith("+08:00")
    for _ in range(2):
        assert registry.client.delete(ADDRESS, headers=headers).status_code == 204
    assert read(registry, second).status_code == 404


@pytest.mark.parametrize("token", ["x", "é", "a" * 43, "a" * 5000, "..", "%00"])
def test_an_address_that_nobody_gave_out(registry: Registry, token: str) -> None:
    assert read(registry, f"/api/calendar/{token}.ics").status_code == 404


def test_only_the_hash_is_kept(registry: Registry, services: Services) -> None:
    path = address(registry, registry.student())
    token = path.removeprefix("/api/calendar/").removesuffix(".ics")
    with services.db.transaction() as session:
        row = session.execute(text("SELECT * FROM calendar_feed")).one()
    assert len(token) == 43
    assert token not in str(row)


def test_of_somebody_who_may_not_sign_in(registry: Registry, services: Services) -> None:
    student = registry.student()
    path = address(registry, student)
    with services.db.transaction() as session:
        session.execute(update(Account).where(Account.id == student.id).values(status="disabled"))
    assert read(registry, path).status_code == 404


def test_a_program_that_has_it_already_gets_304(registry: Registry) -> None:
    student = registry.student()
    path = address(registry, student)
    first = read(registry, path)
    assert first.headers["Content-Type"] == "text/calendar; charset=utf-8"
    again = read(registry, path, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    registry.settled(student, registry.section(None, MONDAY_1_2))
    assert read(registry, path, **{"If-None-Match": first.headers["ETag"]}).status_code == 200
