"""Rows of reservations: read for several offerings at once, and written as a manager wants them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.extensions.ids import Snowflakes
from app.org.audience import Audience
from app.seating.models import SeatReservation
from app.seating.reservations import Reservation, ReservationDraft

Place = tuple[str, int]  # kind, offering


def reservations_of(
    session: Session, kind: str, offering_ids: Collection[int]
) -> Mapping[int, Sequence[SeatReservation]]:
    """Offering → its reservations, oldest first."""
    found: dict[int, list[SeatReservation]] = defaultdict(list)
    query = select(SeatReservation).where(
        SeatReservation.kind == kind, SeatReservation.offering_id.in_(sorted(offering_ids))
    )
    for one in session.scalars(query.order_by(SeatReservation.id)) if offering_ids else ():
        found[one.offering_id].append(one)
    return found


def reservation_of(row: SeatReservation) -> Reservation:
    """A stored reservation as a sheet has it."""
    return Reservation(row.pool, row.name, Audience.of(row.audience))


def draft_of(row: SeatReservation) -> ReservationDraft:
    """A stored reservation as a manager would write it."""
    return ReservationDraft(row.name, row.seats, Audience.of(row.audience), row.pool)


def put_reservations(
    session: Session, ids: Snowflakes, place: Place, named: Iterable[tuple[str, ReservationDraft]]
) -> None:
    """Make these (pool, reservation) the offering's; its row is locked, or it is new."""
    kind, offering_id = place
    wanted = dict(named)
    for row in reservations_of(session, kind, [offering_id]).get(offering_id, ()):
        one = wanted.pop(row.pool, None)
        if one is None:
            session.delete(row)
        else:
            row.name, row.seats, row.audience = one.name, one.seats, one.audience.to_json()
    for pool, one in wanted.items():
        values = {"name": one.name, "seats": one.seats, "audience": one.audience.to_json()}
        session.add(SeatReservation(id=ids.next_id(), kind=kind, offering_id=offering_id, pool=pool, **values))
