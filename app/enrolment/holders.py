"""Who holds sections that somebody is about to change, with everything locked that could change that meanwhile.

In settle's order: the students' accounts, then the pools of the sections. While they are locked nobody comes to hold one
of these sections, and nobody who does comes to hold another one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from app.admission.ledger import Ledger
from app.catalogue.models import KIND, Section
from app.catalogue.terms import current_terms
from app.enrolment.judging import LOCK_ACCOUNTS, TRY_ACCOUNTS
from app.enrolment.models import Enrolment
from app.extensions import bulk

ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Holder:
    """A student's seat ("confirmed") or place in the line ("waitlisted") in a section."""

    student_id: int
    section_id: int
    term_id: int
    state: str


def lock_holders(session: Session, sections: Collection[int]) -> Sequence[Holder]:
    """Lock the accounts of everybody who holds one of these sections, then the sections' pools.

    Whoever came while the pools were waited for is tried without waiting, as they are held already: a DBAPIError (lock wait)
    says that the whole transaction is to be run again.
    """
    known: set[tuple[int, int]] = set()
    held = _held(session, sections)
    # Accounts are locked before pools, always: who comes later is locked too before the pools are tried.
    for _ in range(ATTEMPTS):
        new = sorted({(one.student_id, one.term_id) for one in held} - known)
        if not new:
            break
        bulk.run(session, LOCK_ACCOUNTS, new).all()
        known.update(new)
        held = _held(session, sections)
    Ledger(session, [(KIND, one) for one in sections])
    held = _held(session, sections)
    late = sorted({(one.student_id, one.term_id) for one in held} - known)
    if late:
        bulk.run(session, TRY_ACCOUNTS, late).all()
    return held


def chosen(session: Session, course_id: int) -> int:
    """How many hold a section of the course in terms that are not over, as `lock_holders` finds them."""
    return chosen_each(session, [course_id], lock=True)[course_id]


def chosen_each(session: Session, course_ids: Collection[int], *, lock: bool) -> Counter[int]:
    """Course → the same, of several; without `lock` as they are at a glance."""
    query = select(Section.id, Section.course_id).where(
        Section.course_id.in_(course_ids), Section.term_id.in_(current_terms(session))
    )
    courses = {row[0]: row[1] for row in session.execute(query.order_by(Section.id))} if course_ids else {}
    found = (lock_holders if lock else _held)(session, list(courses)) if courses else ()
    return Counter(courses[one.section_id] for one in found)


def _held(session: Session, sections: Collection[int]) -> list[Holder]:
    query = select(Enrolment.student_id, Enrolment.section_id, Enrolment.term_id, Enrolment.state)
    rows: Sequence[Row[int, int, int, str]] = session.execute(
        query.where(Enrolment.section_id.in_(sections), Enrolment.active == 1)
    ).all()
    return [Holder(*row) for row in rows]
