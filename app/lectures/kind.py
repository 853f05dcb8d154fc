"""Lectures as the engine sees them: sheets, their judge, and the booking rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Table
from sqlalchemy.orm import Session

from app.admission.claims import HOLDS, Standing
from app.admission.kinds import Account, FairOpening, Step
from app.admission.rows import restate
from app.extensions import bulk
from app.extensions.ids import Snowflakes
from app.lectures.judging import LectureJudge, waiter_refusals
from app.lectures.models import KIND, LectureBooking
from app.lectures.rules import LectureSheet
from app.lectures.sheets import current_lectures, lecture_sheets
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

    def current(self, session: Session) -> list[int]:
        """Published lectures that are not long over."""
        return current_lectures(session)

    def sheets(self, session: Session, offering_ids: Sequence[int]) -> list[LectureSheet]:
        """Describe these lectures."""
        return lecture_sheets(session, offering_ids)

    def scopes(self, session: Session) -> Sequence[int]:
        """None: no rule spans several lectures."""
        return ()

    def mark(self, session: Session) -> None:
        """None: a lecture that many ask for is one sheet."""

    def rosters(self, session: Session) -> Mapping[int, str]:
        """None."""
        return {}

    def people(self, session: Session) -> Sequence[int]:
        """Nobody: there are no accounts."""
        return ()

    def accounts(
        self, session: Session, users: Collection[int] | None, scopes: Collection[int] | None = None
    ) -> Sequence[Account]:
        """None: no rule spans several lectures."""
        return ()

    def judge(self, session: Session) -> LectureJudge:
        """The rules for one settling transaction."""
        return LectureJudge(session)

    def waiter_refusals(self, session: Session, waiters: Sequence[Standing]) -> Mapping[str, str]:
        """Waiters whom the lecture's restriction has come to exclude."""
        return waiter_refusals(session, waiters)

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
