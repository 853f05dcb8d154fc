"""Sections as the engine sees them: sheets, accounts, their judge, and the enrolment rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from sqlalchemy import Table, select, text
from sqlalchemy.orm import Session

from app.admission.claims import HOLDS, Standing
from app.admission.kinds import Account, FairOpening, Step
from app.admission.rows import restate
from app.catalogue.models import KIND, Course, Section
from app.catalogue.terms import current_terms
from app.enrolment.accounts import Place, accounts_of
from app.enrolment.judging import SectionJudge
from app.enrolment.models import Enrolment
from app.enrolment.rounds.openings import close_opening, openings_of
from app.enrolment.rounds.rosters import rosters_of
from app.enrolment.rules import SectionSheet
from app.enrolment.sheet_copies import SheetCopies
from app.enrolment.sheet_mark import mark_of_sheets
from app.enrolment.sheets import current_sections, section_sheets
from app.extensions import bulk
from app.extensions.ids import Snowflakes
from app.org.queries import enrolled_students
from app.seating.heirs import heirs_of_pool

ENROLMENT: Table = Enrolment.__table__  # type: ignore[assignment]
_INSERT = bulk.insert_statement(
    "enrolment",
    {
        "id": "BIGINT",
        "student_id": "BIGINT",
        "section_id": "BIGINT",
        "course_id": "BIGINT",
        "term_id": "BIGINT",
        "credits": "DECIMAL(4,1)",
        "claim_id": "VARCHAR(36)",
        "state": "VARCHAR(12)",
        "active": "SMALLINT",
    },
)
# The rows lead and the index is named: a scan of a small table would lock the accounts of everybody, under the pools.
_MOVE_CREDITS = text(
    "UPDATE "  # noqa: S608 - only constants
    + bulk.json_table({"student_id": "BIGINT", "term_id": "BIGINT", "credits": "DECIMAL(6,1)"})
    + " AS d STRAIGHT_JOIN term_credit AS a FORCE INDEX (uq_term_credit_student)"
    " ON a.student_id = d.student_id AND a.term_id = d.term_id SET a.used = a.used + d.credits"
)


class SectionKind:
    """Implements `app.admission.kinds.Kind`."""

    name = KIND

    def __init__(self, ids: Snowflakes) -> None:
        self._ids = ids
        self._copies = SheetCopies()

    def current(self, session: Session) -> list[int]:
        """Published sections of terms that are not over."""
        return current_sections(session)

    def sheets(self, session: Session, offering_ids: Sequence[int]) -> list[SectionSheet]:
        """Describe these sections."""
        return section_sheets(session, offering_ids)

    def scopes(self, session: Session) -> list[int]:
        """Terms that are not over."""
        return current_terms(session)

    def mark(self, session: Session) -> str:
        """Of all the tables that sheets are made of."""
        return mark_of_sheets(session)

    def rosters(self, session: Session) -> Mapping[int, str]:
        """Terms with a round that is not over."""
        return rosters_of(session, current_terms(session))

    def people(self, session: Session) -> list[int]:
        """Enrolled students."""
        return enrolled_students(session)

    def accounts(
        self, session: Session, users: Collection[int] | None, scopes: Collection[int] | None = None
    ) -> Sequence[Account]:
        """Credit limits and courses passed."""
        return accounts_of(session, users, scopes)

    def judge(self, session: Session) -> SectionJudge:
        """The rules for one settling transaction."""
        return SectionJudge(session, self._ids, self._copies)

    def waiter_refusals(self, session: Session, waiters: Sequence[Standing]) -> Mapping[str, str]:
        """Who by the rules could not have a seat now."""
        return self.judge(session).waiter_refusals_seen(waiters) if waiters else {}

    def heirs(self, session: Session, offering_id: int, pool: str, limit: int) -> Sequence[Standing]:
        """Students in the general line for whom seats of this pool are reserved."""
        return heirs_of_pool(session, KIND, offering_id, pool, limit)

    def fair_openings(self, session: Session, opening_ids: Sequence[int]) -> list[FairOpening]:
        """Fair rounds."""
        return openings_of(session, opening_ids)

    def drawn(self, session: Session, opening_id: int, now_ms: int) -> None:
        """The seed may be shown, and the sections are described anew."""
        close_opening(session, opening_id, now_ms)

    def record(self, session: Session, steps: Sequence[Step]) -> None:
        """Insert enrolments for claims that won something, step existing ones, and move the students' credits."""
        changed = [step.after for step in steps if HOLDS.get(step.before or "")]
        fresh = [step.after for step in steps if not HOLDS.get(step.before or "") and step.after.hold != "none"]
        courses = _courses(session, {step.after.offering_id for step in steps})
        for state in {one.state for one in changed}:
            restate(session, ENROLMENT, state, [one.id for one in changed if one.state == state])
        if fresh:
            bulk.run(session, _INSERT, [self._row(one, courses[one.offering_id]) for one in fresh])
        _move_credits(session, steps, courses)

    def _row(self, one: Standing, course: tuple[int, int, Decimal]) -> tuple[object, ...]:
        course_id, term_id, worth = course
        return (
            self._ids.next_id(), one.user_id, one.offering_id, course_id, term_id, str(worth), one.id, one.state, 1,
        )  # fmt: skip


def _courses(session: Session, sections: set[int]) -> dict[int, tuple[int, int, Decimal]]:
    """Section → (course, term, credits)."""
    query = (
        select(Section.id, Section.course_id, Section.term_id, Course.credits)
        .join(Course, Course.id == Section.course_id)
        .where(Section.id.in_(sections))
    )
    return {row[0]: (row[1], row[2], row[3]) for row in session.execute(query)}


def _move_credits(session: Session, steps: Sequence[Step], courses: Mapping[int, tuple[int, int, Decimal]]) -> None:
    """What became a seat, or stopped being one, moves the credits used; those of the day it was chosen move back."""
    stored = _chosen_credits(session, [step.after.id for step in steps])
    moves: dict[Place, Decimal] = {}
    for step in steps:
        by = (step.after.hold == "seat") - (HOLDS.get(step.before or "") == "seat")
        if by:
            _, term, worth = courses[step.after.offering_id]
            place = (step.after.user_id, term)
            moves[place] = moves.get(place, Decimal(0)) + by * stored.get(step.after.id, worth)
    rows = [(student, term, str(by)) for (student, term), by in sorted(moves.items()) if by]
    if rows:
        bulk.run(session, _MOVE_CREDITS, rows)


def _chosen_credits(session: Session, claim_ids: Sequence[str]) -> dict[str, Decimal]:
    query = select(ENROLMENT.c.claim_id, ENROLMENT.c.credits).where(ENROLMENT.c.claim_id.in_(claim_ids))
    return {row[0]: row[1] for row in session.execute(query)}
