"""A term that is open for selection, its sections, and students who may take some credits in it."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

from sqlalchemy import insert

from app.catalogue.selection_models import TermCredit
from app.catalogue.timetable import Slot
from ops.drills.sections import OpenTerm, new_course, open_section, open_term
from ops.drills.wishes import Student
from tests.campus.people import People

CODES = itertools.count(30_001)


class Sections(People):
    """Makes terms of their own for each test: accounts of one do not meet those of another."""

    def term(self, **fields: Any) -> OpenTerm:
        """See `open_term`."""
        return open_term(self.services, next(CODES), **fields)

    def course(self, worth: str = "2.0") -> int:
        return new_course(self.services, f"K{next(CODES)}", worth)

    def section(self, term: OpenTerm, *slots: Slot, capacity: int, line: int = 0, course: int = 0) -> int:
        """A section that can be chosen, also in Redis."""
        course_id = course or self.course()
        return open_section(
            self.services, self.engine, term, course_id, next(CODES), slots, capacity=capacity, line=line
        )

    def enrolled(self, term: OpenTerm, count: int, limit: str = "20.0") -> list[Student]:
        """New students with a credit account in the term."""
        made = self._enrol(count, self.place("计算机学院"))
        rows = [
            {"id": one.id, "student_id": one.id, "term_id": term.id, "credit_limit": Decimal(limit)} for one in made
        ]
        with self.services.db.transaction() as session:
            session.execute(insert(TermCredit), rows)
        return made
