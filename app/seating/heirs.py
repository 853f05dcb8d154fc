"""Who waits in an offering's general line and may have a seat of a reserved pool, too."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.admission.claims import Standing
from app.admission.rows import CLAIM, standing_of
from app.org.audience import Audience
from app.org.models import Department, Major, SchoolClass, Student
from app.seating.models import SeatReservation


def heirs_of_pool(session: Session, kind: str, offering_id: int, pool: str, limit: int) -> list[Standing]:
    """The first of them in order of admission; nobody for a pool that is no reservation."""
    query = select(SeatReservation.audience).where(
        SeatReservation.kind == kind, SeatReservation.offering_id == offering_id, SeatReservation.pool == pool
    )
    stored = session.scalars(query).first()
    audience = Audience.of(stored)
    if stored is None or audience.empty:
        return []
    waiting = (
        select(CLAIM)
        .join(Student, Student.account_id == CLAIM.c.user_id)
        .join(SchoolClass, SchoolClass.id == Student.class_id)
        .join(Major, Major.id == SchoolClass.major_id)
        .join(Department, Department.id == Major.department_id)
        .where(
            CLAIM.c.kind == kind,
            CLAIM.c.offering_id == offering_id,
            CLAIM.c.state == "waitlisted",
            CLAIM.c.pool != pool,
            or_(
                Department.college_id.in_(audience.colleges),
                SchoolClass.grade.in_(audience.grades),
                SchoolClass.id.in_(audience.classes),
            ),
        )
        .order_by(CLAIM.c.admitted_at, CLAIM.c.sequence, CLAIM.c.id)
        .limit(limit)
    )
    return [standing_of(row) for row in session.execute(waiting)]
