"""Writes the planned courses and sections of the demo campus, with the seats of each section."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta, tzinfo
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admission.claims import GENERAL
from app.admission.models import SeatPool
from app.auth.demo import insert_rows
from app.auth.models import Account
from app.catalogue.demo_courses import DemoCourse
from app.catalogue.demo_sections import DemoSection, DemoTeacher, plan_sections
from app.catalogue.meeting_models import Meeting, SectionRestriction
from app.catalogue.models import KIND, Course, CoursePrerequisite, Section, Term
from app.extensions.ids import Snowflakes
from app.org.audience import Audience
from app.org.models import College, Teacher
from app.org.names import GRADES

_SEED = 20262
_EXAM_TIMES = (time(9), time(14), time(19))


def seed_courses(session: Session, ids: Snowflakes, courses: Sequence[DemoCourse]) -> dict[str, int]:
    """Courses and what they need, in the order of their codes (ids sort like codes). Returns code → id."""
    colleges = {name: college_id for college_id, name in session.execute(select(College.id, College.name))}
    by_code = {code: ids.next_id() for code in sorted(one.code for one in courses)}
    insert_rows(
        session,
        Course,
        [
            {
                "id": by_code[one.code],
                "code": one.code,
                "name": one.name,
                "campus": "东校区" if one.college == "医学院" else "主校区",
                "college_id": colleges[one.college],
                "category": one.category,
                "general_type": one.general_type,
                "credits": one.credits,
            }
            for one in courses
        ],
    )
    needed = [
        {"id": ids.next_id(), "course_id": by_code[one.code], "prerequisite_id": by_code[code]}
        for one in courses
        for code in one.needs
    ]
    insert_rows(session, CoursePrerequisite, needed)
    return by_code


def seed_sections(
    session: Session,
    ids: Snowflakes,
    term: Term,
    courses: Sequence[DemoCourse],
    by_code: Mapping[str, int],
    count: int,
    zone: tzinfo,
) -> None:
    """`count` sections with their meetings, seats and a few restrictions."""
    random = Random(_SEED)
    rows: dict[type[Any], list[dict[str, Any]]] = defaultdict(list)
    for planned in plan_sections(courses, count, _teachers(session), random):
        section_id = ids.next_id()
        exam_at = _exam(planned, term, zone, random)
        rows[Section].append(_section(section_id, term.id, by_code[planned.course.code], planned, exam_at))
        rows[Meeting].extend(_meetings(ids, section_id, planned))
        rows[SeatPool].append(_pool(ids.next_id(), section_id, planned.capacity))
    rows[SectionRestriction].extend(_restrictions(session, ids, rows[Section], courses, by_code))
    for model, batch in rows.items():
        insert_rows(session, model, batch)


def _teachers(session: Session) -> dict[str, list[DemoTeacher]]:
    """The teachers with accounts, by college."""
    found: dict[str, list[DemoTeacher]] = defaultdict(list)
    query = (
        select(College.name, Account.display_name, Account.id)
        .select_from(Teacher)
        .join(Account, Account.id == Teacher.account_id)
        .join(College, College.id == Teacher.college_id)
        .order_by(Teacher.teacher_no.desc())
    )
    for college, name, account_id in session.execute(query):
        found[college].append(DemoTeacher(name, account_id))
    return found


def _section(
    section_id: int, term_id: int, course_id: int, planned: DemoSection, exam_at: datetime | None
) -> dict[str, Any]:
    return {
        "id": section_id,
        "course_id": course_id,
        "term_id": term_id,
        "section_no": planned.number,
        "teacher_id": planned.teacher.account_id,
        "teacher_names": planned.teacher.name,
        "language": planned.language,
        "is_mooc": planned.is_mooc,
        "exam_type": "exam" if exam_at else "assessment",
        "exam_at": exam_at,
        "capacity": planned.capacity,
        "waitlist_capacity": planned.capacity // 5,
        "state": "published",
    }


def _exam(planned: DemoSection, term: Term, zone: tzinfo, random: Random) -> datetime | None:
    """A written exam in the last two weeks, for courses of two credits and more; every third is assessed otherwise."""
    if planned.course.credits < 2 or planned.is_mooc or random.random() < 0.3:
        return None
    day = term.starts_on + timedelta(weeks=term.weeks - 2, days=random.choice((0, 1, 2, 3, 4, 7, 8, 9, 10, 11)))
    return datetime.combine(day, random.choice(_EXAM_TIMES), zone)


def _meetings(ids: Snowflakes, section_id: int, planned: DemoSection) -> Iterator[dict[str, Any]]:
    for slot, place in planned.meetings:
        yield {
            "id": ids.next_id(),
            "section_id": section_id,
            "week_mask": slot.week_mask,
            "weekday": slot.weekday,
            "first_period": slot.first_period,
            "last_period": slot.last_period,
            "place": place,
        }


def _pool(pool_id: int, section_id: int, capacity: int) -> dict[str, Any]:
    """The engine's counter of this section's seats: what app.admission.resizing.create_pool makes, in bulk."""
    line = capacity // 5
    return {
        "id": pool_id,
        "kind": KIND,
        "offering_id": section_id,
        "pool": GENERAL,
        "capacity": capacity,
        "line_capacity": line,
    }


def _restrictions(
    session: Session,
    ids: Snowflakes,
    sections: Sequence[dict[str, Any]],
    courses: Sequence[DemoCourse],
    by_code: Mapping[str, int],
) -> Iterator[dict[str, Any]]:
    """Some general courses are not for those about to graduate; some first sections are for the youngest only."""
    manager = session.scalar(select(Account.id).where(Account.username == "manager")) or 0
    graduating = Audience("except", grades=frozenset({GRADES[0]}))
    youngest = Audience("only", grades=frozenset({GRADES[-1]}))
    general = [by_code[one.code] for one in courses if one.general_type][::8]
    closed: list[tuple[int, int | None, Audience, str]] = [(one, None, graduating, "毕业班不得选修") for one in general]
    first = [one for one in sections if one["section_no"] == 1][::50]
    closed += [(one["course_id"], one["id"], youngest, "仅限一年级新生") for one in first]
    for course_id, section_id, audience, reason in closed:
        yield {
            "id": ids.next_id(),
            "course_id": course_id,
            "section_id": section_id,
            "mode": audience.mode,
            "audience": audience.to_json(),
            "reason": reason,
            "created_by": manager,
        }
