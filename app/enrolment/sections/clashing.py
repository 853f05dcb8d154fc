"""Whose timetable a changed meeting would break."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.models import Account
from app.catalogue.models import Course, Section
from app.catalogue.occupancy import section_title
from app.catalogue.timetable import Slot, clashes
from app.enrolment.holders import Holder
from app.enrolment.models import Enrolment
from app.enrolment.sections.concerns import Concern, when_both
from app.enrolment.sheet_rows import parts_of


def clashing(session: Session, section_id: int, slots: Sequence[Slot], holders: Sequence[Holder]) -> list[Concern]:
    """Students with a seat in the section who have a seat elsewhere in the term at one of these times, by name.

    The holders' accounts are locked. Who only waits holds no time: a promotion asks again.
    """
    seated = {one.student_id: one.term_id for one in holders if one.state == "confirmed"}
    if not seated or not slots:
        return []
    query = (
        select(Account.id, Account.username, Account.display_name, Section.id, Course.name, Section.section_no)
        .join(Enrolment, Enrolment.student_id == Account.id)
        .join(Section, Section.id == Enrolment.section_id)
        .join(Course, Course.id == Section.course_id)
        .where(
            Enrolment.student_id.in_(seated),
            Enrolment.term_id.in_(set(seated.values())),
            Enrolment.state == "confirmed",
            Enrolment.active == 1,
            Enrolment.section_id != section_id,
        )
        .order_by(Account.username, Section.id)
    )
    rows = session.execute(query).all()
    others = sorted({row[3] for row in rows})
    parts = parts_of(session, others, ())
    broken = {other: both[0] for other in others if (both := clashes(slots, parts.slots(other)))}
    return [
        Concern(
            "student", f"{name}（{username}）", other, section_title(course, number), when_both(broken[other]), student
        )
        for student, username, name, other, course, number in rows
        if other in broken
    ]
