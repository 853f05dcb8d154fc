"""Holds as the rules read them. Whoever makes them: placing.py."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enrolment.permits.models import AccountHold


def holds_of(session: Session, students: Collection[int]) -> dict[int, set[int]]:
    """Student → terms in which nothing may be chosen."""
    query = select(AccountHold.student_id, AccountHold.term_id)
    query = query.where(AccountHold.student_id.in_(students), AccountHold.is_deleted.is_(False))
    found: dict[int, set[int]] = {}
    for student, term in session.execute(query) if students else ():
        found.setdefault(student, set()).add(term)
    return found


def bars_of(session: Session, terms: Collection[int], students: Collection[int] | None) -> dict[tuple[int, int], str]:
    """(term, student) → the reason of the oldest hold, of these students or (None) of everybody."""
    query = select(AccountHold.term_id, AccountHold.student_id, AccountHold.reason)
    query = query.where(AccountHold.term_id.in_(terms), AccountHold.is_deleted.is_(False))
    if students is not None:
        query = query.where(AccountHold.student_id.in_(students))
    found: dict[tuple[int, int], str] = {}
    for term, student, reason in session.execute(query.order_by(AccountHold.id)) if terms else ():
        # "|" separates the details of a refusal that Redis remembers
        found.setdefault((term, student), reason.replace("|", "/"))
    return found
