"""A catalogue of one's own: a current term, and makers of courses, sections and meetings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.admission.models import SeatPool
from app.catalogue.meeting_models import Meeting, SectionRestriction
from app.catalogue.models import KIND, Course, CoursePrerequisite, ProgrammeCourse, Section, Term
from app.catalogue.selection_models import CompletedCourse, SelectionRound
from app.catalogue.terms import campus_day
from app.catalogue.weeks import parse_weeks
from app.extensions.services import Services
from tests.factories import Place, make_place


@dataclass
class Catalogue:
    """Every maker returns the new row's id."""

    services: Services
    place: Place
    term_id: int = 0
    past_id: int = 0
    numbers: dict[int, int] = field(default_factory=dict)

    def add(self, model: type[Any], **values: Any) -> int:
        row_id = self.services.ids.next_id()
        with self.services.db.transaction() as session:
            session.add(model(id=row_id, **values))
        return row_id

    def term(self, code: int, weeks_from_now: int) -> int:
        today = campus_day(self.services)
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=weeks_from_now)
        return self.add(Term, code=code, name=str(code), starts_on=monday, weeks=18, teaching_free_days=[])

    def course(self, name: str = "数据结构", **values: Any) -> int:
        number = len(self.numbers) + 1
        defaults = {
            "code": f"COMP{number:06d}",
            "campus": "主校区",
            "college_id": self.place.college_id,
            "category": "专业必修",
            "general_type": "",
            "credits": Decimal("3.0"),
        }
        course_id = self.add(Course, name=name, **{**defaults, **values})
        self.numbers[course_id] = 0
        return course_id

    def section(self, course_id: int, *, taken: int = 0, waiting: int = 0, **values: Any) -> int:
        self.numbers[course_id] += 1
        defaults = {
            "term_id": self.term_id,
            "section_no": self.numbers[course_id],
            "teacher_names": "王伟",
            "language": "zh",
            "exam_type": "exam",
            "capacity": 30,
            "waitlist_capacity": 6,
            "state": "published",
        }
        merged = {**defaults, **values}
        section_id = self.add(Section, course_id=course_id, **merged)
        seats = {"capacity": merged["capacity"], "line_capacity": merged["waitlist_capacity"]}
        counts = {"taken": taken, "waiting": waiting}
        self.add(SeatPool, kind=KIND, offering_id=section_id, pool="0", **seats, **counts)
        return section_id

    def meet(self, section_id: int, weekday: int, first: int, last: int, weeks: str = "1-16周", **values: Any) -> int:
        slot = {"week_mask": parse_weeks(weeks), "weekday": weekday, "first_period": first, "last_period": last}
        return self.add(Meeting, section_id=section_id, **{"place": "主楼 101", **slot, **values})

    def needs(self, course_id: int, prerequisite_id: int, **values: Any) -> int:
        return self.add(CoursePrerequisite, course_id=course_id, prerequisite_id=prerequisite_id, **values)

    def plan(self, course_id: int, recommended_term: int, *, required: bool = True, **values: Any) -> int:
        where = {"class_id": self.place.class_id, **values}
        return self.add(
            ProgrammeCourse, course_id=course_id, recommended_term=recommended_term, required=required, **where
        )

    def finish(self, student_id: int, course_id: int, *, passed: bool = True) -> int:
        values = {"term_id": self.past_id, "score": 80 if passed else 40, "passed": passed}
        return self.add(CompletedCourse, student_id=student_id, course_id=course_id, **values)

    def restrict(self, course_id: int, section_id: int | None, mode: str, **groups: Any) -> int:
        audience = {"mode": mode, "colleges": [], "grades": [], "classes": [], **groups}
        return self.add(
            SectionRestriction,
            course_id=course_id,
            section_id=section_id,
            mode=mode,
            audience=audience,
            reason="原因",
            created_by=1,
        )

    def round(self, number: int, opens: float, closes: float, **values: Any) -> int:
        """`opens` and `closes` in days from now."""
        now = self.services.clock.now()
        times = {"opens_at": now + timedelta(days=opens), "closes_at": now + timedelta(days=closes)}
        merged = {"term_id": self.term_id, "state": "published", "drop_until": times["closes_at"], **values}
        return self.add(SelectionRound, round_no=number, **times, **merged)


@pytest.fixture
def catalogue(services: Services) -> Catalogue:
    """A campus with one class (grade 2024), a past term and the current one (its third week)."""
    made = Catalogue(services, make_place(services, grade=2024))
    made.past_id = made.term(20252, -30)
    made.term_id = made.term(20261, -2)
    return made
