"""Who may book what: audiences, reserved pools and the refusal that says why not. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from app.admission.claims import GENERAL
from app.admission.kinds import OfferingSheet
from app.auth.actor import StudentStanding

# Check-in opens this long before the lecture.
CHECK_IN_BEFORE = timedelta(minutes=60)

Mode = Literal["none", "only", "except"]


@dataclass(frozen=True, slots=True)
class Audience:
    """A set of students by college, grade or class; `mode` says whether it is let in ("only") or kept out ("except")."""

    mode: Mode = "none"
    colleges: frozenset[int] = frozenset()
    grades: frozenset[int] = frozenset()
    classes: frozenset[int] = frozenset()

    @classmethod
    def of(cls, data: dict[str, Any] | None) -> Audience:
        """From its stored form; ids may be strings or numbers."""
        data = data or {}
        groups = {name: frozenset(int(one) for one in data.get(name, ())) for name in ("colleges", "grades", "classes")}
        return cls(mode=data.get("mode", "none"), **groups)

    def to_json(self) -> dict[str, Any]:
        """The stored and published form: ids are strings."""
        return {
            "mode": self.mode,
            "colleges": [str(one) for one in sorted(self.colleges)],
            "grades": sorted(self.grades),
            "classes": [str(one) for one in sorted(self.classes)],
        }

    @property
    def empty(self) -> bool:
        """True when it names nobody."""
        return not (self.colleges or self.grades or self.classes)

    def names(self, student: StudentStanding) -> bool:
        """True when the student is in one of the groups."""
        return student.college_id in self.colleges or student.grade in self.grades or student.class_id in self.classes

    def admits(self, student: StudentStanding) -> bool:
        """True when the restriction lets the student book."""
        if self.mode == "only":
            return self.names(student)
        return not (self.mode == "except" and self.names(student))


@dataclass(frozen=True, slots=True)
class Reservation:
    """A reserved pool and whom it is for."""

    pool: str
    name: str
    audience: Audience


@dataclass(frozen=True, slots=True)
class LectureSheet(OfferingSheet):
    """What admission knows of a lecture, with the rules that are checked before it."""

    title: str = ""
    state: str = "published"
    audience: Audience = Audience()
    reservations: tuple[Reservation, ...] = ()

    @property
    def published(self) -> bool:
        """True while it may be booked at all."""
        return self.state == "published"

    def pools_for(self, student: StudentStanding) -> tuple[str, ...]:
        """The pools this student may draw from, reserved ones first."""
        reserved = [one.pool for one in self.reservations if one.audience.names(student)]
        return (*reserved, GENERAL)


def refusal(sheet: LectureSheet, student: StudentStanding | None) -> str | None:
    """The rule that keeps this student out, None when there is none."""
    if not sheet.published:
        return "not_published"
    if student is None:
        return "not_a_student"
    return None if sheet.audience.admits(student) else "restricted"
