"""What a student has at the time of a lecture: classes with their weeks and holidays, exams, other lectures."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app.auth.models import Account
from app.catalogue.models import Term
from app.catalogue.terms import campus_day
from app.catalogue.timetable import Slot
from app.factory import create_app
from tests.factories import bearer
from tests.functional.enrolment.conftest import EVERY_WEEK, Registry, registry
from tests.functional.lectures.conftest import Maker, engine, hall, make, manager

__all__ = ["engine", "hall", "make", "manager", "registry"]

ODD = 0x5555
WEDNESDAY_3_4 = Slot(EVERY_WEEK, 3, 3, 4)  # 09:50 to 11:25


@pytest.fixture
def wednesday(registry: Registry) -> date:
    """Of week 3; this week is the first."""
    monday = campus_day(registry.services)
    monday -= timedelta(days=monday.weekday())
    registry.move_term(monday)
    return monday + timedelta(weeks=2, days=2)


def at(registry: Registry, day: date, begins: str, ends: str) -> dict[str, datetime]:
    """Fields of a lecture between two times on campus."""
    zone = registry.services.settings.campus_timezone
    starts, stops = (datetime.combine(day, time.fromisoformat(one), zone) for one in (begins, ends))
    return {"starts_at": starts, "ends_at": stops}


def told(registry: Registry, who: Account, lecture: int, language: str = "zh-CN") -> Any:
    headers = {**bearer(registry.services, who), "Accept-Language": language}
    # A worker that has read nothing yet.
    client = create_app(services=registry.services).test_client()
    answer = client.get(f"/api/lectures/{lecture}/overlaps", headers=headers)
    assert answer.status_code == 200, answer.json
    return answer.json["items"]


def test_a_class_at_the_same_time(registry: Registry, make: Maker, wednesday: date) -> None:
    student, section = registry.student(), registry.section(None, WEDNESDAY_3_4)
    registry.settled(student, section)
    (found,) = told(registry, student, make(**at(registry, wednesday, "11:00", "12:00")).lecture.id)
    assert (found["kind"], found["id"], found["when"]) == ("class", str(section), "周三 3–4 节")
    assert found["title"].startswith("课程")
    assert found["starts_at"] == f"{wednesday}T09:50:00+08:00"
    assert found["ends_at"] == f"{wednesday}T11:25:00+08:00"
    in_english = told(registry, student, make(**at(registry, wednesday, "08:00", "09:51")).lecture.id, "en")
    assert [one["when"] for one in in_english] == ["Wed periods 3–4"]


@pytest.mark.parametrize(("begins", "ends"), [("08:00", "09:50"), ("11:25", "12:00")])
def test_what_only_touches_is_no_overlap(
    registry: Registry, make: Maker, wednesday: date, begins: str, ends: str
) -> None:
    student = registry.student()
    registry.settled(student, registry.section(None, WEDNESDAY_3_4))
    assert told(registry, student, make(**at(registry, wednesday, begins, ends)).lecture.id) == []


def test_weeks_and_holidays(registry: Registry, make: Maker, wednesday: date) -> None:
    student = registry.student()
    registry.settled(student, registry.section(None, Slot(ODD, 3, 3, 4)))
    weeks = [make(**at(registry, wednesday + timedelta(weeks=n), "10:00", "11:00")).lecture.id for n in range(3)]
    assert [len(told(registry, student, one)) for one in weeks] == [1, 0, 1]
    with registry.services.db.transaction() as session:
        session.execute(update(Term).values(teaching_free_days=[wednesday.isoformat()]))
    assert [len(told(registry, student, one)) for one in weeks] == [0, 0, 1]


def test_exams_and_other_lectures_in_order(registry: Registry, make: Maker, wednesday: date) -> None:
    day = wednesday + timedelta(weeks=20)  # the term's weeks are over by then
    zone = registry.services.settings.campus_timezone
    exam = datetime.combine(day, time(13), zone)
    student, other = registry.student(), registry.student()
    registry.settled(student, registry.section(None, WEDNESDAY_3_4, exam_at=exam))
    asked = make(**at(registry, day, "14:00", "16:00")).lecture
    before, same = (make(title=name, **at(registry, day, *times)).lecture for name, times in (
        ("先开始的", ("13:30", "14:01")), ("同时的", ("14:00", "15:00")),
    ))  # fmt: skip
    full = make(**at(registry, day, "14:00", "15:00"), capacity=1).lecture
    registry.hall.book(full.id, [other, student])
    for one in (asked, before, same):
        registry.hall.book(one.id, [student])
    found = told(registry, student, asked.id)
    assert [one["kind"] for one in found] == ["exam", "lecture", "lecture"], "neither itself, nor a place in a line"
    assert (found[0]["starts_at"], found[0]["ends_at"]) == (exam.isoformat(), None)
    assert [one["title"] for one in found[1:]] == ["先开始的", "同时的"]
    assert told(registry, registry.student(), asked.id) == []


def test_who_may_ask_and_about_what(registry: Registry, make: Maker, manager: Account) -> None:
    public, draft = make().lecture.id, make(state="draft").lecture.id
    client, student = registry.client, bearer(registry.services, registry.student())
    assert client.get(f"/api/lectures/{public}/overlaps").status_code == 401
    boss = bearer(registry.services, manager)
    assert client.get(f"/api/lectures/{public}/overlaps", headers=boss).status_code == 403
    for one in (draft, 7):
        assert client.get(f"/api/lectures/{one}/overlaps", headers=student).json["code"] == "lecture_not_found"
