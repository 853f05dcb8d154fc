"""What the four levels have in common, so that there is one way to manage them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.errors import SeatrushError
from app.org.errors import ClassNotFoundError, CollegeNotFoundError, DepartmentNotFoundError, MajorNotFoundError
from app.org.models import College, Department, Major, SchoolClass, Student, Teacher


@dataclass(frozen=True, slots=True)
class Level:
    """One level: its table, the level above it (its id stands in the column `<above>_id`), and what hangs on a unit."""

    name: str
    model: type[Any]
    missing: type[SeatrushError]
    above: Level | None = None
    uses: tuple[tuple[str, type[Any]], ...] = ()

    @property
    def parent_field(self) -> str | None:
        """The column that names the unit above."""
        return None if self.above is None else f"{self.above.name}_id"

    @property
    def higher(self) -> Iterator[Level]:
        """Every level above, the nearest first."""
        level = self.above
        while level is not None:
            yield level
            level = level.above

    def parent(self) -> ColumnElement[int]:
        """That column."""
        column: ColumnElement[int] = getattr(self.model, str(self.parent_field))
        return column

    def counts(self, session: Session, unit_id: int) -> Mapping[str, int]:
        """What of the university hangs on a unit, by name; only what there is."""
        found = {}
        for name, model in self.uses:
            query = select(func.count()).select_from(model).where(model.is_deleted.is_(False))
            found[name] = session.scalar(query.where(getattr(model, f"{self.name}_id") == unit_id)) or 0
        return {name: count for name, count in found.items() if count}


COLLEGE = Level("college", College, CollegeNotFoundError, uses=(("departments", Department), ("teachers", Teacher)))
DEPARTMENT = Level("department", Department, DepartmentNotFoundError, COLLEGE, uses=(("majors", Major),))
MAJOR = Level("major", Major, MajorNotFoundError, DEPARTMENT, uses=(("classes", SchoolClass),))
CLASS = Level("class", SchoolClass, ClassNotFoundError, MAJOR, uses=(("students", Student),))
LEVELS = (COLLEGE, DEPARTMENT, MAJOR, CLASS)
