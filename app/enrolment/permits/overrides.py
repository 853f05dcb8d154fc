"""Overrides as the rules read them. Whoever grants them: granting.py."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enrolment.permits.models import RuleOverride


@dataclass(frozen=True, slots=True)
class Waivers:
    """Every override for some courses, to be asked for one section at a time."""

    by_course: Mapping[int, Sequence[RuleOverride]] = field(default_factory=dict)

    def for_section(self, section_id: int, course_id: int, term_id: int) -> Mapping[int, frozenset[str]]:
        """Student → rules that do not stand against that student in this section."""
        found: dict[int, frozenset[str]] = {}
        for one in self.by_course.get(course_id, ()):
            if one.term_id == term_id and one.section_id in {None, section_id}:
                found[one.student_id] = found.get(one.student_id, frozenset()) | frozenset(one.rules)
        return found


def waivers_of(session: Session, courses: Collection[int]) -> Waivers:
    """The overrides for these courses and their sections."""
    found: dict[int, list[RuleOverride]] = {}
    query = select(RuleOverride).where(RuleOverride.course_id.in_(courses), RuleOverride.is_deleted.is_(False))
    for one in session.scalars(query) if courses else ():
        found.setdefault(one.course_id, []).append(one)
    return Waivers(found)
