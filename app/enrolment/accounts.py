"""What a student brings to a term: the credit limit and the courses passed."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admission.kinds import Account
from app.catalogue.selection_models import CompletedCourse, TermCredit
from app.enrolment.rules import tenths


def accounts_of(session: Session, terms: Collection[int], students: Collection[int] | None) -> Sequence[Account]:
    """The accounts of these students (None: of everybody) in these terms. Who has no credit account may take nothing."""
    query = select(TermCredit.term_id, TermCredit.student_id, TermCredit.credit_limit)
    query = query.where(TermCredit.term_id.in_(terms))
    if students is not None:
        query = query.where(TermCredit.student_id.in_(students))
    limits = {(term, student): tenths(limit) for term, student, limit in session.execute(query)}
    for student in students or ():
        for term in terms:
            limits.setdefault((term, student), 0)
    passed = passed_by(session, students)
    version = int(time.time() * 1000)  # what was read later is newer
    return [
        Account(term, student, limit, tuple(sorted(passed.get(student, ()))), version=version)
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
