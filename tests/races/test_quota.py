"""A student who fires at many lectures at once, over HTTP: never more than the quota; and what the guards keep away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial

import pytest
from sqlalchemy import func, select

from app.auth.actor import Actor
from app.auth.permissions import Role
from app.controls.changing import change_control
from app.controls.models import ControlRow
from app.lectures.models import Lecture, LectureBooking
from app.lectures.quota.judging import Quotas
from ops.drills.crowd import Crowd
from ops.drills.wishes import Student
from tests.campus import Campus

QUOTA, LECTURES = 2, 6


def set_quota(campus: Campus, value: int) -> None:
    with campus.services.db.transaction() as session:
        version = session.scalar(select(ControlRow.version).where(ControlRow.key == "lecture_quota")) or 0
    admin = Actor.of(campus.services.ids.next_id(), "root", Role.SUPER_ADMIN)
    change_control(campus.services, admin, "lecture_quota", value, version=version, reason="试用")


def counting(campus: Campus) -> int:
    """How many lectures count in a term."""
    with campus.services.db.transaction() as session:
        return session.scalar(select(func.count(Lecture.id)).where(Lecture.scope_term.is_not(None))) or 0


@pytest.fixture
def crowd(campus: Campus) -> Iterator[Crowd]:
    """A crowd under the quota, whose lectures are thrown away afterwards."""
    made = campus.crowd()
    set_quota(campus, QUOTA)
    yield made
    set_quota(campus, 0)
    campus.forget(made)
    campus.until(lambda: counting(campus) == 0, "lectures that count nowhere any more")
    assert campus.verify(lectures=[]) == []


def fire(campus: Campus, crowd: Crowd) -> list[Student]:
    """New students, each at all lectures of a term at once."""
    term = campus.term()
    lectures = [campus.lecture(100) for _ in range(LECTURES)]
    campus.until(lambda: counting(campus) >= LECTURES, "lectures that count")  # the watch sees to it
    students = campus.enrolled(term, 20)
    crowd.everyone(partial(crowd.pursue, crowd.wish(one, lecture)) for one in students for lecture in lectures)
    return students


def booked(campus: Campus, students: list[Student]) -> Counter[int]:
    """Lectures → how many of the students have so many, by MariaDB."""
    mine = (LectureBooking.state == "confirmed", LectureBooking.student_id.in_([one.id for one in students]))
    query = select(func.count()).where(*mine).group_by(LectureBooking.student_id)
    with campus.services.db.transaction() as session:
        return Counter(session.scalars(query))


def test_never_more_than_the_quota(campus: Campus, crowd: Crowd) -> None:
    students = fire(campus, crowd)
    assert campus.verify(crowd) == []
    assert booked(campus, students) == {QUOTA: len(students)}
    refused = Counter(answer.refused for wish in crowd.wishes for answer in wish.refusals)
    assert refused == {"lecture_quota": len(students) * (LECTURES - QUOTA)}


def test_off_in_redis_settle_decides_by_it(campus: Campus, crowd: Crowd) -> None:
    with campus.lua_without("over_limit"):
        students = fire(campus, crowd)
        assert campus.verify(crowd) == []
    assert booked(campus, students) == {QUOTA: len(students)}
    reasons = Counter(wish.told[-1].reason for wish in crowd.wishes if wish.state == "rejected")
    assert reasons == {"lecture_quota": len(students) * (LECTURES - QUOTA)}


def test_off_everywhere_it_is_broken(campus: Campus, crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Quotas, "refusal", lambda *_: None)
    with campus.lua_without("over_limit"), campus.own_consumer():
        students = fire(campus, crowd)
        found = campus.violations_at_rest(crowd)
    assert any(f"has {LECTURES} lectures of a quota of {QUOTA}" in one for one in found), found
    assert booked(campus, students) == {LECTURES: len(students)}
