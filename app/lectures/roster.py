"""Who has a seat, who waits: a lecture's roster, page by page."""

from __future__ import annotations

from collections.abc import Iterator

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.extensions.services import Services
from app.lectures.errors import LectureNotFoundError
from app.lectures.models import KIND, Lecture, LectureBooking
from app.seating.roster import Bookings, RosterEntry, every_page, roster_page

BOOKINGS = Bookings(KIND, LectureBooking, LectureBooking.lecture_id)


def list_roster(
    services: Services, actor: Actor, lecture_id: int, *, state: str | None, after: int, limit: int
) -> list[RosterEntry]:
    """Up to `limit` bookings beyond booking id `after` (seating/roster.py). Raises LectureNotFoundError."""
    actor.require(Permission.LECTURES_MANAGE)
    with services.breakers.guard("database"), services.db.transaction() as session:
        if session.get(Lecture, lecture_id) is None:
            raise LectureNotFoundError
        return roster_page(session, BOOKINGS, lecture_id, state=state, after=after, limit=limit)


def whole_roster(services: Services, actor: Actor, lecture_id: int, *, state: str | None) -> Iterator[RosterEntry]:
    """Every booking. Raises LectureNotFoundError with the first."""
    return every_page(
        lambda after, limit: list_roster(services, actor, lecture_id, state=state, after=after, limit=limit)
    )
