"""Lectures as the engine sees them: sheets, accounts, their judge, and the booking rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Table
from sqlalchemy.orm import Session

from app.admission.claims import HOLDS, Standing
from app.admission.kinds import Account, FairOpening, Step
from app.admission.rows import restate
from app.extensions import bulk
from app.extensions.ids import Snowflakes
from app.lectures.judging import LectureJudge
from app.lectures.models import KIND, LectureBooking
from app.lectures.quota.accounts import accounts_of, rosters_of, scopes_in_use
from app.lectures.rules import LectureSheet
from app.lectures.sheets import current_lectures, lecture_sheets
from app.org.queries import enrolled_students
from app.seating.heirs import heirs_of_pool

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
        self._hints: dict[int, int] = {}

    def current(self, session: Session) -> list[int]:
        """Published lectures that are not long over, or still count in their term."""
        return current_lectures(session)

    def sheets(self, session: Session, offering_ids: Sequence[int]) -> list[LectureSheet]:
        """Describe these lectures."""
        return lecture_sheets(session, offering_ids)

    def scopes(self, session: Session) -> Sequence[int]:
        """Terms in which several lectures count together."""
        return scopes_in_use(session)

    def mark(self, session: Session) -> None:
        """None: a lecture that many ask for is one sheet."""

    def rosters(self, session: Session) -> Mapping[int, str]:
        """Those terms, with what the accounts depend on."""
        return rosters_of(session)

    def people(self, session: Session) -> Sequence[int]:
        """Enrolled students."""
        return enrolled_students(session)

    def accounts(
        self, session: Session, users: Collection[int] | None, scopes: Collection[int] | None = None
    ) -> Sequence[Account]:
        """How many lectures each may have, and whether too many were missed."""
        return accounts_of(session, users, scopes)

    def judge(self, session: Session) -> LectureJudge:
        """The rules for one settling transaction."""
        return LectureJudge(session, self._ids, self._hints)

    def waiter_refusals(self, session: Session, waiters: Sequence[Standing]) -> Mapping[str, str]:
        """Who by the rules could not have a seat now."""
        return self.judge(session).waiter_refusals_seen(waiters) if waiters else {}

    def heirs(self, session: Session, offering_id: int, pool: str, limit: int) -> Sequence[Standing]:
        """Students in the general line for whom seats of this pool are reserved."""
        return heirs_of_pool(session, KIND, offering_id, pool, limit)

    def fair_openings(self, session: Session, opening_ids: Sequence[int]) -> Sequence[FairOpening]:
        """None: lectures are first come, first served."""
        return ()

    def drawn(self, session: Session, opening_id: int, now_ms: int) -> None:
        """Never called."""

    def record(self, session: Session, steps: Sequence[Step]) -> None:
        """Insert bookings for claims that won something; step existing ones."""
        changed = [step.after for step in steps if HOLDS.get(step.before or "")]
        fresh = [step for step in steps if not HOLDS.get(step.before or "") and step.after.hold != "none"]
        for state in {one.state for one in changed}:
            restate(session, BOOKING, state, [one.id for one in changed if one.state == state])
        if fresh:
            rows = [
                (self._ids.next_id(), one.offering_id, one.user_id, one.id, one.state, 1)
                for one in (step.after for step in fresh)
            ]
            bulk.run(session, _INSERT, rows)
