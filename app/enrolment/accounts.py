"""What a student brings to a term: the credit limit, the courses passed, and a hold if there is one."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.admission.kinds import Account
from app.catalogue.selection_models import CompletedCourse, TermCredit
from app.enrolment.permits.holds import bars_of
from app.enrolment.rules import tenths
from app.enrolment.sheets import current_terms

_NOW_US = text("SELECT CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED)")


def accounts_of(session: Session, students: Collection[int] | None) -> Sequence[Account]:
    """The accounts of these students (None: of everybody) in the current terms. Who has no credit account may take
    nothing.

    Their version is MariaDB's clock before the reads: by a time taken afterwards, whoever read before a change but was
    slow would undo it in Redis.
    """
    version = session.scalar(_NOW_US) or 0
    terms = current_terms(session)
    query = select(TermCredit.term_id, TermCredit.student_id, TermCredit.credit_limit)
    query = query.where(TermCredit.term_id.in_(terms))
    if students is not None:
        query = query.where(TermCredit.student_id.in_(students))
    limits = {(term, student): tenths(limit) for term, student, limit in session.execute(query)}
    for student in students or ():
        for term in terms:
            limits.setdefault((term, student), 0)
    passed, bars = passed_by(session, students), bars_of(session, terms, students)
    return [
        Account(term, student, limit, tuple(sorted(passed.get(student, ()))), bars.get((term, student), ""), version)
        for (term, student), limit in limits.items()
    ]


def passed_by(session: Session, students: Collection[int] | None) -> dict[int, set[int]]:
    """Student → courses passed."""
    query = select(CompletedCourse.student_id, CompletedCourse.course_id).where(CompletedCourse.passed.is_(True))
    if students is not None:
        query = query.where(CompletedCourse.student_id.in_(students))
    found: dict[int, set[int]] = {}
    for student, course in session.execute(query):
        found.setdefault(student, set()).add(course)
    return found
