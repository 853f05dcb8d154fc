"""The demo campus's catalogue in the tables."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from sqlalchemy import func, select

from app.admission.models import SeatPool
from app.catalogue.meeting_models import Meeting
from app.catalogue.models import KIND, Course, ProgrammeCourse, Section, Term
from app.catalogue.selection_models import CompletedCourse, SelectionRound, TermCredit
from app.catalogue.terms import all_terms, current_term, week_of
from app.catalogue.timetable import Slot, clash
from app.demo import seed_demo
from app.extensions.services import Services
from app.org.models import SchoolClass, Student
from migrations.models import Base
from tests.clock import TravelClock

TABLES = (Term, Course, Section, Meeting, ProgrammeCourse, CompletedCourse, TermCredit, SelectionRound)


def counts(services: Services) -> dict[str, int]:
    with services.db.reading() as session:
        return {
            model.__tablename__: session.scalar(select(func.count()).select_from(model)) or 0
            for model in TABLES
        }  # fmt: skip


def same_numbers(services: Services) -> None:
    """Every section has a pool of its own size."""
    with services.db.reading() as session:
        query = select(Section.id, Section.capacity, Section.waitlist_capacity)
        sections = {(one, capacity, line) for one, capacity, line in session.execute(query)}
        pools = select(SeatPool.offering_id, SeatPool.capacity, SeatPool.line_capacity).where(SeatPool.kind == KIND)
        assert {(one, capacity, line) for one, capacity, line in session.execute(pools)} == sections


def test_a_small_campus(services: Services) -> None:
    seed_demo(services, students=200)
    found = counts(services)
    assert (found["term"], found["course"], found["section"]) == (2, 60, 150)
    assert (found["term_credit"], found["selection_round"]) == (200, 1)
    same_numbers(services)
    with services.db.reading() as session:
        classes = set(session.scalars(select(Student.class_id)))
        assert set(session.scalars(select(ProgrammeCourse.class_id))) == classes
        meetings = defaultdict(list)
        for one in session.scalars(select(Meeting)):
            slot = Slot(one.week_mask, one.weekday, one.first_period, one.last_period)
            meetings[one.place].append(slot)
        assert not [pair for busy in meetings.values() for pair in combinations(busy, 2) if clash(*pair)]


def test_what_students_have_finished(services: Services) -> None:
    seed_demo(services, students=200)
    done = (
        select(SchoolClass.grade, CompletedCourse, ProgrammeCourse.recommended_term)
        .select_from(CompletedCourse)
        .join(Student, Student.account_id == CompletedCourse.student_id)
        .join(SchoolClass, SchoolClass.id == Student.class_id)
        .join(
            ProgrammeCourse,
            (ProgrammeCourse.class_id == Student.class_id) & (ProgrammeCourse.course_id == CompletedCourse.course_id),
        )
    )
    with services.db.reading() as session:
        past, current = session.scalars(select(Term).order_by(Term.code)).all()
        year, half = divmod(current.code, 10)
        each: dict[int, int] = defaultdict(int)
        for grade, row, recommended in session.execute(done):
            each[row.student_id] += 1
            assert grade < year
            assert recommended < (year - grade) * 2 + half
            assert row.term_id == past.id
            assert row.passed == (row.score >= 60)
        assert sum(each.values()) == counts(services)["completed_course"]
    assert 0 < max(each.values()) <= 4


def test_again_changes_nothing_and_newcomers_are_served(services: Services) -> None:
    seed_demo(services, students=40)
    found = counts(services)
    seed_demo(services, students=40)
    assert counts(services) == found
    seed_demo(services, students=60)
    assert counts(services)["term_credit"] == 60
    assert counts(services)["section"] == found["section"]


def test_a_new_round_when_the_last_is_over(services: Services, clock: TravelClock) -> None:
    seed_demo(services, students=1)
    clock.advance(8 * 86400)
    seed_demo(services, students=1)
    with services.db.reading() as session:
        rounds = session.scalars(select(SelectionRound).order_by(SelectionRound.round_no)).all()
    assert [one.round_no for one in rounds] == [1, 2]
    assert rounds[0].closes_at < clock.now() < rounds[1].closes_at


def test_in_the_winter_holidays_there_are_classes_all_the_same(services: Services, clock: TravelClock) -> None:
    now = clock.now()
    clock.advance((datetime(now.year + 1, 1, 20, 4, tzinfo=UTC) - now).total_seconds())
    seed_demo(services, students=1)
    with services.db.reading() as session:
        current = current_term(all_terms(session), clock.now().date())
    assert current is not None
    week = week_of(current, clock.now().date())
    assert week is not None
    assert week <= current.weeks - 3


def test_newcomers_get_the_credits_of_the_present_term(services: Services) -> None:
    """Somebody has entered the next term meanwhile."""
    seed_demo(services, students=1)
    with services.db.transaction() as session:
        _, current = session.scalars(select(Term).order_by(Term.code)).all()
        starts_on = current.starts_on + timedelta(weeks=26)
        session.add(
            Term(id=1, code=current.code + 5, name="下学期", starts_on=starts_on, weeks=18, teaching_free_days=[])
        )
        term_id = current.id
    seed_demo(services, students=3)
    with services.db.reading() as session:
        assert list(session.scalars(select(TermCredit.term_id))) == [term_id] * 3


@pytest.mark.parametrize("table", ["course_prerequisite", "programme_course", "selection_round"])
def test_live_is_what_is_not_deleted(services: Services, table: str) -> None:
    seed_demo(services, students=5)
    rows = Base.metadata.tables[table]
    with services.db.transaction() as session:
        session.execute(rows.update().values(is_deleted=True))
        assert set(session.scalars(select(rows.c.live))) == {None}
        session.execute(rows.update().values(is_deleted=False))
        assert set(session.scalars(select(rows.c.live))) == {1}
