"""Who refers to what across domains: there are no foreign keys, and a domain does not know those above it.

Whoever deletes something is handed the counts of what hangs on it, so that nothing ever points at what is gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.catalogue.models import Course, ProgrammeCourse


def uses_of_college(session: Session, college_id: int) -> Mapping[str, int]:
    """Courses that the college teaches."""
    return {"courses": _count(session, Course, Course.college_id == college_id)}


def uses_of_class(session: Session, class_id: int) -> Mapping[str, int]:
    """Lines of the class's study plan."""
    return {"programme_courses": _count(session, ProgrammeCourse, ProgrammeCourse.class_id == class_id)}


def nothing(_: Session, __: int) -> Mapping[str, int]:
    """Nobody above refers to it."""
    return {}


def _count(session: Session, model: type[Any], *conditions: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(model).where(model.is_deleted.is_(False), *conditions)
    return session.scalar(query) or 0
