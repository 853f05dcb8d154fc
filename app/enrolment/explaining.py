"""Refusals with what they are about by name: "clashes with 高等数学 周三 3–4 节", not an offering's number."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from app.admission.engine import Engine
from app.admission.errors import DuplicateGroupError, PrerequisiteError, TimetableClashError
from app.enrolment.errors import ClashesWithError, NeedsCourseError, SameCourseError
from app.enrolment.known import sheet_of
from app.enrolment.rules import clash_with, named
from app.errors import SeatrushError
from app.extensions.breakers import DependencyDownError


def explained(engine: Engine, section_id: int, error: SeatrushError) -> SeatrushError:
    """The same refusal of this section, told in full; as it is while MariaDB is away: a name must not cost the answer."""
    try:
        return _explained(engine, section_id, error)
    except (SQLAlchemyError, DependencyDownError):
        return error


@contextmanager
def told_why(engine: Engine, section_id: int) -> Iterator[None]:
    """Whoever is refused this section inside the block is told in full."""
    try:
        yield
    except SeatrushError as error:
        raise explained(engine, section_id, error) from error


def _explained(engine: Engine, section_id: int, error: SeatrushError) -> SeatrushError:
    if isinstance(error, PrerequisiteError):
        sheet, needs = sheet_of(engine, section_id), error.data["needs"]
        name = sheet.needs.get(int(needs)) if sheet else None
        return NeedsCourseError(needs=needs, needs_title=name) if name else error
    if not isinstance(error, (DuplicateGroupError, TimetableClashError)):
        return error
    held = sheet_of(engine, int(error.data["offering_id"]))
    if held is None:
        return error
    if isinstance(error, DuplicateGroupError):
        return SameCourseError(**error.data | named(held.offering_id, held))
    sheet = sheet_of(engine, section_id)
    return ClashesWithError(**error.data | clash_with(sheet, held).data) if sheet else error
