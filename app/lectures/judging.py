"""The rules of lectures inside a settling transaction, by what MariaDB holds now."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence

from sqlalchemy import Table, select, tuple_
from sqlalchemy.orm import Session

from app.admission.claims import GENERAL, Claim, Standing
from app.extensions.clock import CampusClock, to_epoch_ms
from app.extensions.ids import Snowflakes
from app.lectures.models import Lecture, LectureBooking
from app.lectures.quota.judging import Quotas
from app.lectures.rules import CHECK_IN_BEFORE, LectureSheet, refusal
from app.lectures.sheets import lecture_sheets
from app.org.queries import standings_of
from app.org.staying import hold_students

BOOKING: Table = LectureBooking.__table__  # type: ignore[assignment]


class LectureJudge:
    """Implements `app.admission.kinds.Judge`. Rules over several lectures are those of `Quotas`, while there are any."""

    def __init__(self, session: Session, ids: Snowflakes, hints: MutableMapping[int, int] | None = None) -> None:
        self._session = session
        self._quotas = Quotas(session, ids, {} if hints is None else hints)
        self._refusals: Mapping[str, str] = {}
        self._gone: set[int] = set()
        self._pools: Mapping[str, Sequence[str]] = {}

    def lock(self, claims: Sequence[Claim], *, wait: bool = True) -> None:
        """Nobody who books here leaves meanwhile; and the accounts of those for whom several lectures count."""
        if wait:
            self._gone = hold_students(self._session, {claim.user_id for claim in claims if claim.action == "book"})
        self._quotas.lock(claims, wait=wait)

    def read(self, claims: Sequence[Claim]) -> None:
        """Judge all at once: nothing that is decided in between changes a lecture's own rules."""
        gone = {claim.id: "not_a_student" for claim in claims if claim.action == "book" and claim.user_id in self._gone}
        wanted = select(Lecture).where(Lecture.id.in_({claim.offering_id for claim in claims}))
        lectures = {row.id: row for row in self._session.scalars(wanted)}
        found, self._pools = judged(self._session, lectures, claims)
        self._refusals = {**gone, **found}
        self._quotas.read(claims, {one.id: one.scope_term for one in lectures.values()})

    def refusal(self, claim: Claim) -> str | None:
        """The reason code when the rules forbid this claim."""
        return self._refusals.get(claim.id) or self._quotas.refusal(claim)

    def pools(self, claim: Claim) -> Sequence[str]:
        """Reserved ones only for whom they are for, as MariaDB knows it now."""
        return self._pools.get(claim.id, claim.candidates)

    def fair_opening(self, claim: Claim) -> int:
        """None: lectures are first come, first served."""
        return 0

    def waiter_refusals(self, waiters: Sequence[Standing]) -> Mapping[str, str]:
        """Waiters whom the lecture's restriction has come to exclude, who have as many lectures as they may, or who would get
        a seat in one that is over."""
        return self._waiter_refusals(waiters, lock=True)

    def waiter_refusals_seen(self, waiters: Sequence[Standing]) -> Mapping[str, str]:
        """The same for a reader: no lock is taken."""
        return self._waiter_refusals(waiters, lock=False)

    def _waiter_refusals(self, waiters: Sequence[Standing], *, lock: bool) -> Mapping[str, str]:
        sheets = {
            one.offering_id: one for one in lecture_sheets(self._session, sorted({w.offering_id for w in waiters}))
        }
        terms = {one: sheet.traits.scope if sheet.traits else None for one, sheet in sheets.items()}
        return {
            **self._quotas.waiter_refusals(waiters, terms, lock=lock),
            **_excluded(self._session, sheets, waiters),
            **_too_late(sheets, waiters),
        }

    def stepped(self, before: Standing | None, after: Standing) -> None:
        """What somebody comes to hold, or gives up, counts for the rest of the batch."""
        self._quotas.stepped(before, after)


def judged(
    session: Session, lectures: Mapping[int, Lecture], claims: Sequence[Claim]
) -> tuple[Mapping[str, str], Mapping[str, Sequence[str]]]:
    """Check the rules again with what MariaDB holds now; windows by the time of admission.

    Claim id → why not, and claim id → pools that it may have a seat of (for claims of which that is a question).
    """
    found: dict[str, str] = _came(session, lectures, claims)
    narrow: list[Claim] = []
    for claim in claims:
        lecture = lectures.get(claim.offering_id)
        reason = _window_refusal(lecture, claim)
        if reason is not None:
            found[claim.id] = reason
        elif lecture is not None and claim.action == "book" and _is_narrow(lecture, claim):
            narrow.append(claim)
    pools = _narrowed(session, narrow, found)
    return found, pools


def _came(session: Session, lectures: Mapping[int, Lecture], claims: Sequence[Claim]) -> dict[str, str]:
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


def _narrowed(session: Session, claims: Sequence[Claim], found: dict[str, str]) -> Mapping[str, Sequence[str]]:
    """The pools of claims for which it matters who the student is; who may have none is `found`, with the reason."""
    if not claims:
        return {}
    sheets = {one.offering_id: one for one in lecture_sheets(session, sorted({c.offering_id for c in claims}))}
    students = standings_of(session, [claim.user_id for claim in claims])
    pools = {}
    for claim in claims:
        sheet, student = sheets[claim.offering_id], students.get(claim.user_id)
        own = sheet.pools_for(student) if student is not None else ()
        pools[claim.id] = [pool for pool in claim.candidates if pool in own]
        reason = refusal(sheet, student) or (None if pools[claim.id] else "not_in_pool")
        if reason is not None:
            found[claim.id] = reason
    return pools


def _excluded(session: Session, sheets: Mapping[int, LectureSheet], waiters: Sequence[Standing]) -> Mapping[str, str]:
    """Waiters whom the lecture's restriction has come to exclude."""
    if not any(sheet.audience.mode != "none" for sheet in sheets.values()):
        return {}
    students = standings_of(session, [waiter.user_id for waiter in waiters])
    return {
        waiter.id: reason
        for waiter in waiters
        if (reason := refusal(sheets[waiter.offering_id], students.get(waiter.user_id))) is not None
    }


def _too_late(sheets: Mapping[int, LectureSheet], waiters: Sequence[Standing]) -> Mapping[str, str]:
    """Waiters of lectures that are over: a seat there would count for the quota, and as missed. Until the end of it whoever
    waits at the door may be let in for somebody who has not come."""
    now = CampusClock().epoch_ms()
    return {waiter.id: "lecture_over" for waiter in waiters if now >= sheets[waiter.offering_id].ends_at}


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
