"""The mark of all sections' sheets: it changes with every edit of what they are made of, and as a round begins to count.

A worker that keeps thousands of them asks for this instead of reading them all again (app/admission/sheets.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Numeric, ScalarSelect, cast, func, literal_column, select
from sqlalchemy.orm import Session

from app.catalogue.meeting_models import Meeting, SectionRestriction
from app.catalogue.models import Course, CoursePrerequisite, Section
from app.catalogue.selection_models import SelectionRound
from app.enrolment.permits.models import RuleOverride, TimeTicket
from app.extensions.db import Base
from app.seating.models import SeatReservation

# Every table that section_sheets reads, but seats: those move with every claim, and are Redis's to count.
MADE_OF: tuple[type[Base], ...] = (
    Section,
    Course,
    Meeting,
    CoursePrerequisite,
    SectionRestriction,
    SelectionRound,
    TimeTicket,
    RuleOverride,
    SeatReservation,
)


def _row_marks(model: type[Base]) -> Iterator[ScalarSelect[Any]]:
    changed = cast(func.unix_timestamp(model.update_time), Numeric(20, 6))
    yield select(func.count()).select_from(model).scalar_subquery()
    yield select(func.coalesce(func.sum(changed), literal_column("0"))).select_from(model).scalar_subquery()


_CLOSED = select(func.count()).where(SelectionRound.closes_at <= func.now(6)).scalar_subquery()
# Put together once: every settling transaction of a rush asks.
_MARK = select(*(part for model in MADE_OF for part in _row_marks(model)), _CLOSED)


def mark_of_sheets(session: Session) -> str:
    """Rows and the sum of their times of change, table by table: of two newest times the later may be committed first."""
    return ":".join(str(value) for value in session.execute(_MARK).one())
