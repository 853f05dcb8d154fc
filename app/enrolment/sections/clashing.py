"""Whose timetable a changed meeting would break."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.timetable import Slot, clashes
from app.enrolment.holders import Holder
from app.enrolment.models import Enrolment
from app.enrolment.sheet_rows import parts_of


def clashing(session: Session, section_id: int, slots: Sequence[Slot], holders: Sequence[Holder]) -> Collection[int]:
    """Students with a seat in the section who have a seat elsewhere in the term at one of these times.

    The holders' accounts are locked. Who only waits holds no time: a promotion asks again.
    """
    seated = {one.student_id: one.term_id for one in holders if one.state == "confirmed"}
    if not seated or not slots:
        return ()
    query = select(Enrolment.student_id, Enrolment.section_id).where(
        Enrolment.student_id.in_(seated),
        Enrolment.term_id.in_(set(seated.values())),
        Enrolment.state == "confirmed",
        Enrolment.active == 1,
        Enrolment.section_id != section_id,
    )
    pairs = [(row[0], row[1]) for row in session.execute(query)]
    others = sorted({section for _, section in pairs})
    parts = parts_of(session, others, ())
    broken = {section for section in others if clashes(slots, parts.slots(section))}
    return {student for student, section in pairs if section in broken}
