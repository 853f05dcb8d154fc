"""Sections of a test's own, in a site that runs: `python -m tests.e2e.making_sections JSON` → their ids, as JSON.

A process of its own, because the browser's driver and the application's greenlets do not share a thread.
"""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from app.admission.models import SeatPool
from app.auth.models import Account
from app.catalogue.meeting_models import Meeting
from app.catalogue.models import KIND, Course, Section
from app.catalogue.terms import all_terms, campus_day, current_term
from app.catalogue.weeks import parse_weeks
from app.extensions.services import Services
from app.offerings import build_engine
from app.org.models import College
from app.settings import Settings


def make(services: Services, wanted: list[dict[str, Any]]) -> list[str]:
    """Write them, each of a course of its own unless `of` names the place of an earlier one; then open them.

    `term`: an id, the current one without; `teacher`: an account, nobody without.
    """
    made: list[tuple[int, int]] = []
    with services.db.transaction() as session:
        current = current_term(all_terms(session), campus_day(services))
        college = session.scalars(select(College.id)).first()
        count = session.scalar(select(func.count()).select_from(Course)) or 0

        def add(model: Any, **fields: Any) -> int:
            number = services.ids.next_id()
            session.add(model(id=number, **fields))
            return number

        for at, one in enumerate(wanted):
            course = made[one["of"]][0] if "of" in one else None
            if course is None:
                course = add(
                    Course, code=f"E2E{count + at:06d}", name=one["name"], campus="主校区", college_id=college,
                    category="专业选修", credits=Decimal(one.get("credits", "1.0")),
                )  # fmt: skip
            capacity, line = one.get("capacity", 5), one.get("line", 2)
            term = int(one["term"]) if "term" in one else current.id if current else 0
            teacher = session.scalar(select(Account.id).where(Account.username == one.get("teacher")))
            section = add(
                Section, course_id=course, term_id=term, teacher_id=teacher, section_no=at + 1, teacher_names="测试教师",
                language="zh", exam_type="exam", capacity=capacity, waitlist_capacity=line, state="published",
            )  # fmt: skip
            for weekday, first, last, weeks in one.get("meets", []):
                add(
                    Meeting, section_id=section, week_mask=parse_weeks(weeks), weekday=weekday, first_period=first,
                    last_period=last, place=f"测试楼 {section}",
                )  # fmt: skip
            add(SeatPool, kind=KIND, offering_id=section, pool="0", capacity=capacity, line_capacity=line)
            made.append((course, section))
    return [f"{course}/{section}" for course, section in made]


def main() -> None:
    """The ids on the standard output: course/section."""
    services = Services.for_process(Settings.from_environment())
    made = make(services, json.loads(sys.argv[1]))
    loader = build_engine(services).loader
    for one in made:
        loader.load(KIND, int(one.partition("/")[2]))
    print(json.dumps(made))


if __name__ == "__main__":
    main()
