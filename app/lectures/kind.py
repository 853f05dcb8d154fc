"""Lectures as the engine sees them: sheets, the rules checked again in the transaction, and the booking rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Table, select, tuple_, update
from sqlalchemy.orm import Session

from app.admission.claims import GENERAL, HOLDS, Claim, Standing
from app.admission.kinds import Account, PoolSheet, Step
from app.admission.models import SeatPool
from app.auth.actor import StudentStanding
from app.extensions import bulk
from app.extensions.clock import to_epoch_ms
from app.extensions.ids import Snowflakes
from app.lectures.heirs import heirs_of_pool
from app.lectures.models import KIND, Lecture, LectureBooking, LectureReservation
from app.lectures.rules import CHECK_IN_BEFORE, Audience, LectureSheet, Reservation, refusal
from app.org.queries import standings_of

# How long Redis keeps a lecture after its end: late effects still find it there.
AFTERGLOW = timedelta(hours=1)

BOOKING: Table = LectureBooking.__table__  # type: ignore[assignment]
_INSERT = bulk.insert_statement(
    "lecture_booking",
    {
        "id": "BIGINT",
        "lecture_id": "BIGINT",
        "student_id": "BIGINT",
        "claim_id": "VARCHAR(36)",
        "state": "VARCHAR(12)",
        "active": "SMALLINT",
    },
)


class LectureKind:
    """Implements `app.admission.kinds.Kind`."""

    name = KIND

    def __init__(self, ids: Snowflakes) -> None:
        self._ids = ids

    def sheets(self, session: Session, offering_ids: Sequence[int] | None) -> list[LectureSheet]:
        """Describe these lectures, or all that are not long over."""
        query = select(Lecture).where(Lecture.is_deleted.is_(False))
        if offering_ids is None:
            query = query.where(Lecture.ends_at > datetime.now(UTC) - AFTERGLOW, Lecture.state == "published")
        else:
            query = query.where(Lecture.id.in_(offering_ids))
        lectures = list(session.scalars(query))
        ids = [lecture.id for lecture in lectures]
        pools = _by_lecture(session, ids)
        reservations = _reservations(session, ids)
        return [sheet_of(one, pools.get(one.id, []), reservations.get(one.id, [])) for one in lectures]

    def accounts(self, session: Session, claims: Sequence[Claim] | None) -> Sequence[Account]:
        """None: no rule spans several lectures."""
        return ()

    def refusals(self, session: Session, claims: Sequence[Claim]) -> Mapping[str, str]:
        """Check the rules again with what MariaDB holds now; windows by the time of admission."""
        lectures = {
            row.id: row
            for row in session.scalars(select(Lecture).where(Lecture.id.in_({claim.offering_id for claim in claims})))
        }
        found: dict[str, str] = self._came(session, lectures, claims)
        narrow: list[Claim] = []
        for claim in claims:
            lecture = lectures.get(claim.offering_id)
            reason = _window_refusal(lecture, claim)
            if reason is not None:
                found[claim.id] = reason
            elif lecture is not None and claim.action == "book" and _is_narrow(lecture, claim):
                narrow.append(claim)
        found.update(self._audience_refusals(session, narrow))
        return found

    def _came(self, session: Session, lectures: Mapping[int, Lecture], claims: Sequence[Claim]) -> dict[str, str]:
        """Who has been let in cannot give the seat back: the next one would find somebody on it."""
        late = [
            claim
            for claim in claims
            if claim.action == "cancel"
            and (lecture := lectures.get(claim.offering_id)) is not None
            and claim.admitted_at >= to_epoch_ms(lecture.starts_at - CHECK_IN_BEFORE)
        ]
        if not late:
            return {}
        pairs = {(claim.offering_id, claim.user_id) for claim in late}
        came = select(BOOKING.c.lecture_id, BOOKING.c.student_id).where(
            tuple_(BOOKING.c.lecture_id, BOOKING.c.student_id).in_(pairs),
            BOOKING.c.active == 1,
            BOOKING.c.checked_in_at.is_not(None),
        )
        there = {(row.lecture_id, row.student_id) for row in session.execute(came)}
        return {claim.id: "checked_in" for claim in late if (claim.offering_id, claim.user_id) in there}

    def _audience_refusals(self, session: Session, claims: Sequence[Claim]) -> dict[str, str]:
        if not claims:
            return {}
        sheets = {one.offering_id: one for one in self.sheets(session, sorted({c.offering_id for c in claims}))}
        students = standings_of(session, [claim.user_id for claim in claims])
        found = {}
        for claim in claims:
            reason = _audience_refusal(sheets[claim.offering_id], students.get(claim.user_id), claim)
            if reason is not None:
                found[claim.id] = reason
        return found

    def waiter_refusals(self, session: Session, waiters: Sequence[Standing]) -> Mapping[str, str]:
        """Waiters whom the lecture's restriction has come to exclude."""
        sheets = {one.offering_id: one for one in self.sheets(session, sorted({w.offering_id for w in waiters}))}
        if not any(sheet.audience.mode != "none" for sheet in sheets.values()):
            return {}
        students = standings_of(session, [waiter.user_id for waiter in waiters])
        return {
            waiter.id: reason
            for waiter in waiters
            if (reason := refusal(sheets[waiter.offering_id], students.get(waiter.user_id))) is not None
        }

    def heirs(self, session: Session, offering_id: int, pool: str, limit: int) -> Sequence[Standing]:
        """Students in the general line for whom seats of this pool are reserved."""
        return heirs_of_pool(session, offering_id, pool, limit)

    def record(self, session: Session, steps: Sequence[Step]) -> None:
        """Insert bookings for claims that won something; step existing ones."""
        changed = [step.after for step in steps if HOLDS.get(step.before or "")]
        fresh = [step for step in steps if not HOLDS.get(step.before or "") and step.after.hold != "none"]
        for state in {one.state for one in changed}:
            _restate(session, state, [one.id for one in changed if one.state == state])
        if fresh:
            rows = [
                (self._ids.next_id(), one.offering_id, one.user_id, one.id, one.state, 1)
                for one in (step.after for step in fresh)
            ]
            bulk.run(session, _INSERT, rows)


def _restate(session: Session, state: str, claim_ids: Sequence[str]) -> None:
    """Bring the bookings of these claims to one state, some hundreds a statement."""
    active = 1 if HOLDS.get(state) else None
    for at in range(0, len(claim_ids), 500):
        mine = BOOKING.c.claim_id.in_(claim_ids[at : at + 500])
        session.connection().execute(update(BOOKING).where(mine).values(state=state, active=active))


def _window_refusal(lecture: Lecture | None, claim: Claim) -> str | None:
    if lecture is None or lecture.is_deleted or lecture.state != "published":
        return "not_published"
    if claim.action == "cancel":
        return "cancel_closed" if claim.admitted_at >= to_epoch_ms(lecture.starts_at) else None
    if lecture.frozen and claim.hold == "any":
        return "frozen"  # nobody has promised it anything yet; what Redis admitted before the brake keeps its seat
    if claim.admitted_at < to_epoch_ms(lecture.opens_at):
        return "not_open"
    return "closed" if claim.admitted_at >= to_epoch_ms(lecture.closes_at) else None


def _is_narrow(lecture: Lecture, claim: Claim) -> bool:
    """True when who the student is matters: most lectures are open to all and need no look-up."""
    return lecture.audience.get("mode", "none") != "none" or claim.pools != (GENERAL,)


def _audience_refusal(sheet: LectureSheet, student: StudentStanding | None, claim: Claim) -> str | None:
    reason = refusal(sheet, student)
    if reason is None and student is not None and claim.pool not in sheet.pools_for(student):
        return "not_in_pool"
    return reason


def sheet_of(lecture: Lecture, pools: Sequence[SeatPool], reservations: Sequence[LectureReservation]) -> LectureSheet:
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
        title=lecture.title,
        state=lecture.state,
        audience=Audience.of(lecture.audience),
        reservations=tuple(Reservation(one.pool, one.name, Audience.of(one.audience)) for one in reservations),
    )


def _by_lecture(session: Session, ids: Sequence[int]) -> dict[int, list[SeatPool]]:
    found: dict[int, list[SeatPool]] = {}
    query = select(SeatPool).where(SeatPool.kind == KIND, SeatPool.offering_id.in_(ids)).order_by(SeatPool.id)
    for pool in session.scalars(query) if ids else ():
        found.setdefault(pool.offering_id, []).append(pool)
    return found


def _reservations(session: Session, ids: Sequence[int]) -> dict[int, list[LectureReservation]]:
    found: dict[int, list[LectureReservation]] = {}
    query = select(LectureReservation).where(LectureReservation.lecture_id.in_(ids)).order_by(LectureReservation.pool)
    for one in session.scalars(query) if ids else ():
        found.setdefault(one.lecture_id, []).append(one)
    return found
