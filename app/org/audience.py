"""Whom a rule is for: students by college, grade or class. Lectures and the catalogue share it. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from app.auth.actor import StudentStanding

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


EVERYBODY = Audience()
