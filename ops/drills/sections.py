"""A term that is open for selection and its sections, made past the managers' pages: a drill and a test need them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from app.admission.claims import GENERAL
from app.admission.engine import Engine
from app.admission.outbox import Effects, append
from app.admission.resizing import Change, create_pool
from app.catalogue.meeting_models import Meeting
from app.catalogue.models import KIND, Course, Section, Term
from app.catalogue.selection_models import SelectionRound
from app.catalogue.timetable import Slot
from app.extensions.services import Services

EVERY_WEEK = 0xFFFF
# Each section clashes with the next one of its day.
SLOTS = tuple(Slot(EVERY_WEEK, weekday, first, first + 2) for weekday in (1, 2) for first in (1, 3, 5))
FIRST_CODE = 50_001  # far from the demo campus's terms, and from those of tests on the same servers


@dataclass(frozen=True, slots=True)
class OpenTerm:
    """A term and its round."""

    id: int
    round_id: int


def open_term(services: Services, code: int, **fields: Any) -> OpenTerm:
    """`fields` of its round: open since an hour, for another one, first come first served, unless they say otherwise."""
    made, now = OpenTerm(services.ids.next_id(), services.ids.next_id()), datetime.now(UTC)
    with services.db.transaction() as session:
        session.add(Term(id=made.id, code=code, name="2026 秋", starts_on=now.date(), weeks=16, teaching_free_days=[]))
        session.add(SelectionRound(id=made.round_id, term_id=made.id, round_no=1, **{**_window(now), **fields}))
    return made


def new_course(services: Services, code: str, worth: str = "2.0") -> int:
    """A course of so many credits; returns its id."""
    made = services.ids.next_id()
    with services.db.transaction() as session:
        session.add(
            Course(
                id=made, code=code, name=f"课程{made}", campus="主校区", college_id=1, category="专业必修",
                credits=Decimal(worth),
            )
        )  # fmt: skip
    return made


def open_section(
    services: Services, engine: Engine, term: OpenTerm, course: int, number: int, slots: Sequence[Slot],
    *, capacity: int, line: int = 0,
) -> int:  # fmt: skip
    """A section that can be chosen, in MariaDB and in Redis; returns its id."""
    made = services.ids.next_id()
    effects = Effects(offerings=[(KIND, made)])
    rows = [
        Section(
            id=made, course_id=course, term_id=term.id, section_no=number, teacher_names="张三",
            language="中文", exam_type="考试", capacity=capacity, waitlist_capacity=line, state="published",
        ),
        *(
            Meeting(
                id=services.ids.next_id(), section_id=made, week_mask=one.week_mask, weekday=one.weekday,
                first_period=one.first_period, last_period=one.last_period, place="教一 101",
            )
            for one in slots
        ),
    ]  # fmt: skip
    with services.db.transaction() as session:  # one: a keeper's pass would load a section without seats
        session.add_all(rows)
        create_pool(session, services.ids.next_id(), Change(KIND, made, GENERAL, capacity, line))
        append(session, services.ids, effects)
    engine.applier.apply(effects)
    return made


def open_selection(services: Services, engine: Engine, sizes: Sequence[tuple[int, int]]) -> tuple[OpenTerm, list[int]]:
    """A new term whose sections have these sizes (capacity, line) in turn, one for each of SLOTS."""
    with services.db.reading() as session:
        code = max(FIRST_CODE, (session.scalar(select(func.max(Term.code))) or 0) + 1)
    term = open_term(services, code)
    made = []
    for number, slot in enumerate(SLOTS, 1):
        course, (capacity, line) = new_course(services, f"D{code}-{number}"), sizes[(number - 1) % len(sizes)]
        made.append(open_section(services, engine, term, course, number, [slot], capacity=capacity, line=line))
    return term, made


def _window(now: datetime) -> dict[str, Any]:
    return {
        "opens_at": now - timedelta(hours=1),
        "closes_at": now + timedelta(hours=1),
        "drop_until": now + timedelta(hours=2),
        "state": "published",
    }
