"""Check-in at the door, by ticket or its short form. The first scan counts; every later one is told when that was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session

from app.auth.actor import Actor
from app.auth.models import Account
from app.auth.permissions import Permission
from app.extensions.services import Services
from app.lectures.door_code import find_booking, typed
from app.lectures.errors import CheckInClosedError, TicketInvalidError, TicketNotConfirmedError
from app.lectures.models import Lecture, LectureBooking
from app.lectures.rules import CHECK_IN_BEFORE
from app.lectures.tickets import TicketMill
from app.org.models import Student

BOOKING: Table = LectureBooking.__table__  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class CheckIn:
    """Who came. `repeated`: the ticket had been scanned before, at `checked_in_at`."""

    claim_id: str
    student_no: str
    display_name: str
    lecture_id: int
    title: str
    checked_in_at: datetime
    repeated: bool


def check_in(services: Services, actor: Actor, ticket: str) -> CheckIn:
    """Let the holder of `ticket` (the scanned text, or the door code) in: CHECK_IN_BEFORE the lecture until its end.

    Raises TicketInvalidError, TicketNotConfirmedError (cancelled meanwhile, too), CheckInClosedError; of a door code
    DoorCodeUnknownError and TooManyDoorCodesError.
    """
    actor.require(Permission.CHECKIN)
    code = typed(ticket)
    if code is None:
        claim_id, lecture_id = TicketMill(services.settings.secret_key).read(ticket)
    else:
        claim_id, lecture_id = find_booking(services, actor, code)
    with services.breakers.guard("database"):
        return services.db.retrying(lambda session: _write(session, services, actor, claim_id, lecture_id))


def _write(session: Session, services: Services, actor: Actor, claim_id: str, lecture_id: int) -> CheckIn:
    lecture = session.get(Lecture, lecture_id)
    if lecture is None or lecture.is_deleted:
        raise TicketInvalidError
    now = services.clock.now()
    _check_window(services, lecture, now)
    # Guarded: of two doors that scan the same ticket at once, one is first.
    first = session.connection().execute(
        update(BOOKING)
        .where(
            BOOKING.c.claim_id == claim_id,
            BOOKING.c.lecture_id == lecture_id,
            BOOKING.c.state == "confirmed",
            BOOKING.c.checked_in_at.is_(None),
        )
        .values(checked_in_at=now, checked_in_by=actor.account_id)
    )
    booking = session.scalar(select(LectureBooking).where(LectureBooking.claim_id == claim_id))
    if booking is None or booking.lecture_id != lecture_id:
        raise TicketInvalidError
    if booking.state != "confirmed" or booking.checked_in_at is None:
        raise TicketNotConfirmedError(state=booking.state)
    number, name = _holder(session, booking.student_id)
    repeated = first.rowcount == 0
    return CheckIn(claim_id, number, name, lecture_id, lecture.title, booking.checked_in_at, repeated)


def _check_window(services: Services, lecture: Lecture, now: datetime) -> None:
    opens_at, closes_at = lecture.starts_at - CHECK_IN_BEFORE, lecture.ends_at
    if opens_at <= now < closes_at:
        return
    zone = services.settings.campus_timezone
    raise CheckInClosedError(
        opens_at=opens_at.astimezone(zone).isoformat(), closes_at=closes_at.astimezone(zone).isoformat()
    )


def _holder(session: Session, account_id: int) -> tuple[str, str]:
    """(student number, or the username of somebody without one; display name)."""
    row = session.execute(
        select(Student.student_no, Account.username, Account.display_name)
        .select_from(Account)
        .outerjoin(Student, Student.account_id == Account.id)
        .where(Account.id == account_id)
    ).first()
    return ("", "") if row is None else (row.student_no or row.username, row.display_name)
