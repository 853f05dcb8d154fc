"""Who has a seat, who waits: a lecture's roster, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.admission.models import ClaimRow
from app.auth.actor import Actor
from app.auth.models import Account
from app.auth.permissions import Permission
from app.extensions.services import Services
from app.lectures.errors import LectureNotFoundError
from app.lectures.models import KIND, Lecture, LectureBooking
from app.org.models import SchoolClass, Student

STATES = ("confirmed", "waitlisted", "cancelled", "expired")
PAGE = 1000


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """One booking. `student_no` and `class_name` are None when the student's record is gone; `position` 1 is next."""

    booking_id: int
    claim_id: str
    username: str
    display_name: str
    student_no: str | None
    class_name: str | None
    state: str
    position: int | None
    decided_at: datetime
    checked_in_at: datetime | None


def list_roster(
    services: Services, actor: Actor, lecture_id: int, *, state: str | None, after: int, limit: int
) -> list[RosterEntry]:
    """Up to `limit` bookings beyond booking id `after`, in the order they were settled; of one state when given.

    Bookings that have been cancelled are in it; claims that never won anything are not. Raises LectureNotFoundError.
    """
    actor.require(Permission.LECTURES_MANAGE)
    with services.breakers.guard("database"), services.db.transaction() as session:
        if session.get(Lecture, lecture_id) is None:
            raise LectureNotFoundError
        return _page(session, lecture_id, state, after, limit)


def whole_roster(services: Services, actor: Actor, lecture_id: int, *, state: str | None) -> Iterator[RosterEntry]:
    """Every booking, read in pages of PAGE. Raises LectureNotFoundError with the first."""
    after = 0
    while True:
        page = list_roster(services, actor, lecture_id, state=state, after=after, limit=PAGE)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].booking_id


def _page(session: Session, lecture_id: int, state: str | None, after: int, limit: int) -> list[RosterEntry]:
    query = (
        select(
            LectureBooking.id,
            LectureBooking.claim_id,
            func.coalesce(Account.username, ""),
            func.coalesce(Account.display_name, ""),
            Student.student_no,
            SchoolClass.name,
            ClaimRow.state,
            ClaimRow.decided_at,
            LectureBooking.checked_in_at,
        )
        .join(ClaimRow, ClaimRow.id == LectureBooking.claim_id)
        .outerjoin(Account, Account.id == LectureBooking.student_id)
        .outerjoin(Student, Student.account_id == LectureBooking.student_id)
        .outerjoin(SchoolClass, SchoolClass.id == Student.class_id)
        .where(LectureBooking.lecture_id == lecture_id, LectureBooking.id > after)
        .order_by(LectureBooking.id)
        .limit(limit)
    )
    if state is not None:
        query = query.where(LectureBooking.state == state)
    rows = session.execute(query).all()
    positions = _positions(session, lecture_id, [row[1] for row in rows if row[6] == "waitlisted"])
    return [RosterEntry(*row[:7], positions.get(row[1]), *row[7:]) for row in rows]


def _positions(session: Session, lecture_id: int, waiting: Sequence[str]) -> dict[str, int]:
    """Claim id → place in its pool's line, counted as promotion counts (admission order)."""
    if not waiting:
        return {}
    order = (ClaimRow.admitted_at, ClaimRow.sequence, ClaimRow.id)
    line = (
        select(ClaimRow.id, func.row_number().over(partition_by=ClaimRow.pool, order_by=order).label("place"))
        .where(ClaimRow.kind == KIND, ClaimRow.offering_id == lecture_id, ClaimRow.state == "waitlisted")
        .subquery()
    )
    rows = session.execute(select(line.c.id, line.c.place).where(line.c.id.in_(waiting)))
    return {row.id: row.place for row in rows}
