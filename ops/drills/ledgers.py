"""What MariaDB holds of some offerings, and what contradicts what in it, or between it and Redis."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admission.claims import Standing
from app.admission.models import ClaimRow, OutboxRow, SeatPool
from app.admission.outbox import Effects
from app.admission.rows import CLAIM, standing_of
from app.catalogue.models import KIND as SECTION
from app.enrolment.models import Enrolment
from app.lectures.models import KIND, LectureBooking

LIVE = ("confirmed", "waitlisted")
# Nothing was decided of an offering before it had seats; what was decided of others may be a gigabyte.
CLOCKS_DIFFER_BY = timedelta(minutes=5)
# kind → its own rows, and the column that says of which offering they are
BOOKINGS: dict[str, tuple[Any, Any]] = {
    KIND: (LectureBooking, LectureBooking.lecture_id),
    SECTION: (Enrolment, Enrolment.section_id),
}


@dataclass(slots=True)
class Books:
    """What MariaDB holds of some lectures."""

    claims: dict[str, Standing]
    pools: list[SeatPool]
    bookings: dict[str, Any]
    history: dict[tuple[str, int], set[str]]  # (claim, version) → states that transactions gave it


def read_books(session: Session, kind: str, lectures: Collection[int] | None) -> Books:
    def those(column: Any) -> Any:
        return column.in_(lectures) if lectures is not None else column.is_not(None)

    rows = session.execute(select(CLAIM).where(ClaimRow.kind == kind, those(ClaimRow.offering_id)))
    claims = {row.id: standing_of(row) for row in rows}
    pools = list(session.scalars(select(SeatPool).where(SeatPool.kind == kind, those(SeatPool.offering_id))))
    table, place = BOOKINGS[kind]
    bookings = session.scalars(select(table).where(those(place)))
    history: dict[tuple[str, int], set[str]] = defaultdict(set)
    begun = min((pool.create_time for pool in pools), default=datetime.now(UTC)) - CLOCKS_DIFFER_BY
    for payload in session.scalars(select(OutboxRow.payload).where(OutboxRow.create_time >= begun)):
        for standing in Effects.from_bytes(payload).claims:
            history[(standing.id, standing.version)].add(standing.state)
    return Books(claims, pools, {one.claim_id: one for one in bookings}, history)


def by_offering(pools: Iterable[SeatPool]) -> dict[int, list[SeatPool]]:
    found: dict[int, list[SeatPool]] = defaultdict(list)
    for pool in pools:
        found[pool.offering_id].append(pool)
    return found


def books_wrong(books: Books) -> Iterator[str]:
    held = Counter((one.offering_id, one.pool, one.state) for one in books.claims.values() if one.hold != "none")
    for pool in books.pools:
        name = f"lecture {pool.offering_id} pool {pool.pool}"
        confirmed, waiting = (held[(pool.offering_id, pool.pool, state)] for state in LIVE)
        if confirmed > pool.capacity:
            yield f"oversold: {name} has {confirmed} confirmed for {pool.capacity} seats"
        if (pool.taken, pool.waiting) != (confirmed, waiting):
            yield f"{name} counts {pool.taken} taken, {pool.waiting} waiting; its claims are {confirmed} and {waiting}"
        if waiting and confirmed < pool.capacity:
            yield f"{waiting} wait for {name} while {pool.capacity - confirmed} seats are free"
    owners = Counter((one.offering_id, one.user_id) for one in books.claims.values() if one.hold != "none")
    yield from (
        f"{count} live bookings of student {who[1]} in lecture {who[0]}" for who, count in owners.items() if count > 1
    )
    for (claim, version), states in books.history.items():
        if len(states) > 1 and claim in books.claims:
            yield f"claim {claim} was decided twice: version {version} is {sorted(states)}"
    yield from _bookings_wrong(books)


def _bookings_wrong(books: Books) -> Iterator[str]:
    """The domain's rows say what the engine's say."""
    for standing in books.claims.values():
        booking = books.bookings.get(standing.id)
        if standing.hold != "none" and (booking is None or booking.state != standing.state or booking.active != 1):
            yield f"claim {standing.id} is {standing.state}, its booking is {booking and booking.state}"
    for booking in books.bookings.values():
        stored = books.claims.get(booking.claim_id)
        if booking.active == 1 and (stored is None or stored.hold == "none"):
            yield f"booking {booking.id} is live, its claim {booking.claim_id} is {stored and stored.state}"


def pool_wrong(lecture_id: int, pool: SeatPool, fields: dict[bytes, bytes]) -> Iterator[str]:
    letters = {
        "s": "seats left",
        "w": "waiting",
        "l": "places left",
        "c": "capacity",
        "n": "line capacity",
        "m": "promotions",
    }
    wanted = {
        "s": pool.capacity - pool.taken,
        "w": pool.waiting,
        "l": pool.line_capacity - pool.waiting,
        "c": pool.capacity,
        "n": pool.line_capacity,
        "m": 0,
    }
    for letter, number in wanted.items():
        seen = int(fields.get(f"{letter}:{pool.pool}".encode(), b"0"))
        if seen != number:
            yield f"lecture {lecture_id} pool {pool.pool}: {letters[letter]} is {seen} in Redis, {number} by MariaDB"
