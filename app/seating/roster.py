"""Who has a seat, who waits: an offering's roster, page by page, whatever its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.admission.models import ClaimRow
from app.auth.models import Account
from app.org.models import SchoolClass, Student

STATES = ("confirmed", "waitlisted", "cancelled", "expired")
PAGE = 1000


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """One booking or enrolment, by its row's id. `student_no` and `class_name` are None when the student's record is
    gone; `position` 1 is next. `checked_in_at` is for kinds at which one checks in.
    """

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


@dataclass(frozen=True, slots=True)
class Bookings:
    """A kind's own table of bookings, and its column that names the offering."""

    kind: str
    model: type[Any]
    offering: InstrumentedAttribute[int]


def roster_page(
    session: Session, bookings: Bookings, offering_id: int, *, state: str | None, after: int, limit: int
) -> list[RosterEntry]:
    """Up to `limit` rows beyond the id `after`, in the order they were settled; of one state when given.

    What has been cancelled is in it; claims that never won anything are not.
    """
    model = bookings.model
    query = (
        select(
            model.id,
            model.claim_id,
            func.coalesce(Account.username, ""),
            func.coalesce(Account.display_name, ""),
            Student.student_no,
            SchoolClass.name,
            ClaimRow.state,
            ClaimRow.decided_at,
            getattr(model, "checked_in_at", literal(None)),
        )
        .join(ClaimRow, ClaimRow.id == model.claim_id)
        .outerjoin(Account, Account.id == model.student_id)
        .outerjoin(Student, Student.account_id == model.student_id)
        .outerjoin(SchoolClass, SchoolClass.id == Student.class_id)
        .where(bookings.offering == offering_id, model.id > after)
        .order_by(model.id)
        .limit(limit)
    )
    if state is not None:
        query = query.where(model.state == state)
    rows: list[tuple[Any, ...]] = [tuple(row) for row in session.execute(query)]
    waiting = [row[1] for row in rows if row[6] == "waitlisted"]
    positions = _positions(session, bookings.kind, offering_id, waiting)
    cells = ([*row[:7], positions.get(row[1]), *row[7:]] for row in rows)
    return [RosterEntry(*one) for one in cells]


def every_page(page: Callable[[int, int], Sequence[RosterEntry]]) -> Iterator[RosterEntry]:
    """Every entry: `page(after, limit)` is asked until it gives no more."""
    after = 0
    while True:
        found = page(after, PAGE)
        yield from found
        if len(found) < PAGE:
            return
        after = found[-1].booking_id


def _positions(session: Session, kind: str, offering_id: int, waiting: Sequence[str]) -> dict[str, int]:
    """Claim id → place in its pool's line, counted as promotion counts (admission order)."""
    if not waiting:
        return {}
    order = (ClaimRow.admitted_at, ClaimRow.sequence, ClaimRow.id)
    line = (
        select(ClaimRow.id, func.row_number().over(partition_by=ClaimRow.pool, order_by=order).label("place"))
        .where(ClaimRow.kind == kind, ClaimRow.offering_id == offering_id, ClaimRow.state == "waitlisted")
        .subquery()
    )
    rows = session.execute(select(line.c.id, line.c.place).where(line.c.id.in_(waiting)))
    return {row.id: row.place for row in rows}
