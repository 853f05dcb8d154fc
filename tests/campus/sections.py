"""A term that is open for selection, its sections, and students who may take some credits in it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import insert

from app.admission.claims import GENERAL
from app.admission.outbox import Effects, append
from app.admission.resizing import Change, create_pool
from app.catalogue.meeting_models import Meeting
from app.catalogue.models import KIND, Course, Section, Term
from app.catalogue.selection_models import SelectionRound, TermCredit
from app.catalogue.timetable import Slot
from ops.drills.crowd import Student
from tests.campus.people import People

EVERY_WEEK = 0xFFFF
CODES = itertools.count(30_001)


@dataclass(frozen=True, slots=True)
class OpenTerm:
    """A term and its round."""

    id: int
    round_id: int


class Sections(People):
    """Makes terms of their own for each test: accounts of one do not meet those of another."""

    def term(self, **fields: Any) -> OpenTerm:
        """`fields` of its round: open since an hour, for another one, first come first served, unless they say otherwise."""
        made, now = OpenTerm(self.services.ids.next_id(), self.services.ids.next_id()), datetime.now(UTC)
        self._add(
            Term(id=made.id, code=next(CODES), name="2026 秋", starts_on=now.date(), weeks=16, teaching_free_days=[]),
            SelectionRound(id=made.round_id, term_id=made.id, round_no=1, **{**_window(now), **fields}),
        )
        return made

    def course(self, worth: str = "2.0") -> int:
        made = self.services.ids.next_id()
        self._add(
            Course(
                id=made, code=f"K{next(CODES)}", name=f"课程{made}", campus="主校区", college_id=1, category="专业必修",
                credits=Decimal(worth),
            )
        )  # fmt: skip
        return made

    def section(self, term: OpenTerm, *slots: Slot, capacity: int, line: int = 0, course: int = 0) -> int:
        """A section that can be chosen, also in Redis."""
        made = self.services.ids.next_id()
        effects = Effects(offerings=[(KIND, made)])
        course_id = course or self.course()
        rows = [
            Section(
                id=made, course_id=course_id, term_id=term.id, section_no=next(CODES), teacher_names="张三",
                language="中文", exam_type="考试", capacity=capacity, waitlist_capacity=line, state="published",
            ),
            *(
                Meeting(
                    id=self.services.ids.next_id(), section_id=made, week_mask=one.week_mask, weekday=one.weekday,
                    first_period=one.first_period, last_period=one.last_period, place="教一 101",
                )
                for one in slots
            ),
        ]  # fmt: skip
        with self.services.db.transaction() as session:  # one: a keeper's pass would load a section without seats
            session.add_all(rows)
            create_pool(session, self.services.ids.next_id(), Change(KIND, made, GENERAL, capacity, line))
            append(session, self.services.ids, effects)
        self.engine.applier.apply(effects)
        return made

    def enrolled(self, term: OpenTerm, count: int, limit: str = "20.0") -> list[Student]:
        """New students with a credit account in the term."""
        made = self._enrol(count, self.place("计算机学院"))
        rows = [
            {"id": one.id, "student_id": one.id, "term_id": term.id, "credit_limit": Decimal(limit)} for one in made
        ]
        with self.services.db.transaction() as session:
            session.execute(insert(TermCredit), rows)
        return made

    def _add(self, *rows: Any) -> None:
        with self.services.db.transaction() as session:
            session.add_all(rows)


def _window(now: datetime) -> dict[str, Any]:
    return {
        "opens_at": now - timedelta(hours=1),
        "closes_at": now + timedelta(hours=1),
        "drop_until": now + timedelta(hours=2),
        "state": "published",
    }
