"""The rows that hang on a section: its meetings, its reservations, and who teaches it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.models import Account
from app.catalogue.meeting_models import Meeting
from app.catalogue.models import KIND, Section
from app.catalogue.timetable import Slot
from app.enrolment.sections.draft import MeetingDraft
from app.errors import InvalidInputError
from app.extensions.ids import Snowflakes
from app.org.audiences import unknown_groups
from app.org.people.posts import TEACHER
from app.seating.pools import Named
from app.seating.reservation_rows import put_reservations


def meetings_of(session: Session, section_id: int) -> list[MeetingDraft]:
    """The section's meetings, as a manager would write them."""
    return [_draft(one) for one in _rows(session, section_id)]


def put_meetings(session: Session, ids: Snowflakes, section_id: int, wanted: Sequence[MeetingDraft]) -> None:
    """Make these the section's meetings; what is the same stays, what is no more is deleted logically."""
    missing = list(wanted)
    for row in _rows(session, section_id):
        if _draft(row) in missing:
            missing.remove(_draft(row))
        else:
            row.is_deleted = True
    for one in missing:
        slot = one.slot
        session.add(
            Meeting(
                id=ids.next_id(),
                section_id=section_id,
                week_mask=slot.week_mask,
                weekday=slot.weekday,
                first_period=slot.first_period,
                last_period=slot.last_period,
                place=one.place,
            )
        )


def put_kept(session: Session, ids: Snowflakes, section_id: int, named: Named) -> None:
    """Make these its reservations. Raises InvalidInputError for one that is for a group that is not there."""
    unknown = unknown_groups(session, [one.audience for _, one in named])
    if unknown:
        raise InvalidInputError(errors={"reservations": unknown})
    put_reservations(session, ids, (KIND, section_id), named)


def teacher_of(session: Session, teacher_id: int) -> Account:
    """The teacher's account; the record is locked, so that nobody deletes it meanwhile. Raises TeacherNotFoundError."""
    return TEACHER.locked(session, teacher_id)[1]


def next_number(session: Session, course_id: int, term_id: int) -> int:
    """One more than the highest that was ever given in the term."""
    query = select(Section.section_no).where(Section.course_id == course_id, Section.term_id == term_id)
    return max(session.scalars(query), default=0) + 1


def _rows(session: Session, section_id: int) -> Sequence[Meeting]:
    query = select(Meeting).where(Meeting.section_id == section_id, Meeting.is_deleted.is_(False))
    return session.scalars(query.order_by(Meeting.id)).all()


def _draft(row: Meeting) -> MeetingDraft:
    return MeetingDraft(Slot(row.week_mask, row.weekday, row.first_period, row.last_period), row.place)
