"""What a student brings to a term: the credit limit, the courses passed, and a hold if there is one.

Who has no credit account in a term yet has the limit that the operator's setting gives to all; the row comes with the
first claim that is settled (`open_accounts`), as settle needs it to lock.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admission.accounts import version_now
from app.admission.kinds import Account
from app.catalogue.selection_models import CompletedCourse, TermCredit
from app.catalogue.terms import current_terms
from app.controls.reading import stored_number
from app.enrolment.permits.holds import bars_of
from app.enrolment.rules import tenths
from app.extensions import bulk
from app.extensions.ids import Snowflakes

# A row that came meanwhile is left as it is, and locked all the same (INSERT IGNORE would share the lock, and deadlock).
_OPEN = bulk.insert_statement(
    "term_credit",
    {"id": "BIGINT", "student_id": "BIGINT", "term_id": "BIGINT", "credit_limit": "DECIMAL(4,1)"},
    skip_known=True,
)

Place = tuple[int, int]  # (student, term)


def accounts_of(
    session: Session, students: Collection[int] | None, terms: Collection[int] | None = None
) -> Sequence[Account]:
    """The accounts of these students (None: of all who have a row) in these terms, or (None) the current ones.

    Their version is MariaDB's clock before the reads: by a time taken afterwards, whoever read before a change but was
    slow would undo it in Redis.
    """
    version = version_now(session)
    terms = current_terms(session) if terms is None else terms
    query = select(TermCredit.term_id, TermCredit.student_id, TermCredit.credit_limit)
    query = query.where(TermCredit.term_id.in_(terms))
    if students is not None:
        query = query.where(TermCredit.student_id.in_(students))
    limits = {(term, student): tenths(limit) for term, student, limit in session.execute(query)}
    missing = {(term, student) for student in students or () for term in terms} - limits.keys()
    if missing:
        limits.update(dict.fromkeys(missing, tenths(_default_limit(session))))
    passed, bars = passed_by(session, students), bars_of(session, terms, students)
    return [
        Account(term, student, limit, tuple(sorted(passed.get(student, ()))), bars.get((term, student), ""), version)
        for (term, student), limit in limits.items()
    ]


def open_accounts(session: Session, ids: Snowflakes, places: Collection[Place]) -> None:
    """Give these (student, term) the row that they lack, by student and term."""
    default = str(_default_limit(session))
    rows = [(ids.next_id(), student, term, default) for student, term in sorted(places)]
    bulk.run(session, _OPEN, rows)


def _default_limit(session: Session) -> Decimal:
    return Decimal(stored_number(session, "selection_credit_limit_default"))


def passed_by(session: Session, students: Collection[int] | None) -> dict[int, set[int]]:
    """Student → courses passed."""
    query = select(CompletedCourse.student_id, CompletedCourse.course_id).where(CompletedCourse.passed.is_(True))
    if students is not None:
        query = query.where(CompletedCourse.student_id.in_(students))
    found: dict[int, set[int]] = {}
    for student, course in session.execute(query):
        found.setdefault(student, set()).add(course)
    return found
