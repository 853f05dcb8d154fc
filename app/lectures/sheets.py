"""The sheets of lectures: what admission must know of them, read from MariaDB."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.admission.kinds import PoolSheet
from app.admission.models import SeatPool
from app.catalogue.terms import current_terms
from app.extensions.clock import CampusClock, to_epoch_ms
from app.lectures.models import KIND, Lecture
from app.lectures.quota.rules import traits_of
from app.lectures.rules import LectureSheet
from app.org.audience import Audience
from app.seating.models import SeatReservation
from app.seating.reservation_rows import reservation_of, reservations_of

# How long Redis keeps a lecture after its end: late effects still find it there.
AFTERGLOW = timedelta(hours=1)


def current_lectures(session: Session) -> list[int]:
    """Published lectures that are not long over, or still count in a term: what somebody booked is in the account for as
    long as the term lasts."""
    fresh, counting = Lecture.ends_at > CampusClock().now() - AFTERGLOW, Lecture.scope_term.in_(current_terms(session))
    query = select(Lecture.id).where(or_(fresh, counting), Lecture.state == "published", Lecture.is_deleted.is_(False))
    return list(session.scalars(query))


def lecture_sheets(session: Session, offering_ids: Sequence[int]) -> list[LectureSheet]:
    """Describe these lectures. One that was deleted is a draft that nobody can choose, and the log of who once booked it
    still has its title."""
    lectures = list(session.scalars(select(Lecture).where(Lecture.id.in_(offering_ids))))
    ids = [lecture.id for lecture in lectures]
    pools = _by_lecture(session, ids)
    reservations = reservations_of(session, KIND, ids)
    return [sheet_of(one, pools.get(one.id, []), reservations.get(one.id, [])) for one in lectures]


def sheet_of(lecture: Lecture, pools: Sequence[SeatPool], reservations: Sequence[SeatReservation]) -> LectureSheet:
    """The sheet of one lecture."""
    return LectureSheet(
        kind=KIND,
        offering_id=lecture.id,
        opens_at=to_epoch_ms(lecture.opens_at),
        closes_at=to_epoch_ms(lecture.closes_at),
        cancel_until=to_epoch_ms(lecture.starts_at),
        frozen=lecture.frozen or lecture.state != "published",
        version=lecture.version,
        pools=tuple(PoolSheet(one.pool, one.capacity, one.line_capacity, one.version) for one in pools),
        traits=traits_of(lecture.id, lecture.scope_term),
        title=lecture.title,
        ends_at=to_epoch_ms(lecture.ends_at),
        state=lecture.state,
        audience=Audience.of(lecture.audience),
        reservations=tuple(map(reservation_of, reservations)),
    )


def _by_lecture(session: Session, ids: Sequence[int]) -> dict[int, list[SeatPool]]:
    found: dict[int, list[SeatPool]] = {}
    query = select(SeatPool).where(SeatPool.kind == KIND, SeatPool.offering_id.in_(ids)).order_by(SeatPool.id)
    for pool in session.scalars(query) if ids else ():
        found.setdefault(pool.offering_id, []).append(pool)
    return found
