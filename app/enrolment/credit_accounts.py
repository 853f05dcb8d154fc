"""Credit accounts: how many credits a student may take in a term, when it is not what everybody may. Settle locks these
rows; so does whoever edits them.

Redis is told after the commit (effects of accounts). A limit that is lowered counts there a moment later than in MariaDB,
which then has the last word; one that is raised is never seen too early.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.admission.engine import Engine
from app.admission.telling import Told, store_effects, tell
from app.auth.actor import Actor
from app.auth.models import Account
from app.auth.permissions import Permission
from app.catalogue.errors import TermNotFoundError
from app.catalogue.models import KIND, Term
from app.catalogue.selecting import term_to_choose_in
from app.catalogue.selection_models import TermCredit
from app.enrolment.errors import CreditAccountNotFoundError, CreditAccountTakenError, CreditsUsedError
from app.enrolment.models import Enrolment
from app.errors import InUseError
from app.extensions.services import Services
from app.extensions.versions import change, check_version, locked
from app.extensions.writing import write
from app.org.models import Student
from app.org.people.posts import STUDENT
from app.org.people.reading import beginning_with


@dataclass(frozen=True, slots=True)
class CreditView:
    """A credit account and whose it is."""

    row: TermCredit
    student: Student
    account: Account


def list_credit_accounts(
    services: Services, actor: Actor, *, term_id: int | None, q: str, class_id: int | None, after: str, limit: int
) -> list[CreditView]:
    """Up to `limit` accounts of a term (that of selection by default), by student number, beyond `after`; `q` as in the
    list of students. Raises TermNotFoundError.
    """
    actor.require(Permission.COURSES_MANAGE)
    with services.breakers.guard("database"), services.db.reading() as session:
        term = term_to_choose_in(session, services, term_id)
        rows = session.execute(credit_listing(term.id, q, class_id, after, limit)) if term else ()
        return [CreditView(*row) for row in rows]


def credit_listing(
    term_id: int, q: str, class_id: int | None, after: str, limit: int
) -> Select[TermCredit, Student, Account]:
    """The list's query: students in the order of their numbers, each with the account of that term."""
    query = _accounts().where(TermCredit.term_id == term_id, Student.student_no > after)
    if class_id is not None:
        query = query.where(Student.class_id == class_id)
    elif not q:
        hint = "FORCE INDEX (uq_student_student_no)"
        query = query.prefix_with("STRAIGHT_JOIN").with_hint(Student, hint)
    if q:
        query = query.where(beginning_with(STUDENT, q))
    return query.order_by(Student.student_no).limit(limit)


def one_credit_account(services: Services, actor: Actor, row_id: int) -> CreditView:
    """One account as just written. Raises CreditAccountNotFoundError."""
    actor.require(Permission.COURSES_MANAGE)
    with services.breakers.guard("database"), services.db.transaction() as session:
        row = session.execute(_accounts().where(TermCredit.id == row_id)).first()
    if row is None:
        raise CreditAccountNotFoundError
    return CreditView(*row)


def open_credit_account(services: Services, engine: Engine, actor: Actor, values: Mapping[str, Any]) -> CreditView:
    """From student_id, term_id, credit_limit. Raises StudentNotFoundError, TermNotFoundError, CreditAccountTakenError."""
    actor.require(Permission.COURSES_MANAGE)
    row_id = services.ids.next_id()

    def work(session: Session) -> Told:
        STUDENT.locked(session, values["student_id"])
        locked(session, Term, values["term_id"], TermNotFoundError, shared=True)
        session.add(TermCredit(id=row_id, version=1, **values))
        session.flush()
        return store_effects(session, services.ids, accounts=[(KIND, values["student_id"])])

    tell(services, engine, write(services, work, {"uq_term_credit_student": CreditAccountTakenError}))
    return one_credit_account(services, actor, row_id)


def edit_credit_account(
    services: Services, engine: Engine, actor: Actor, row_id: int, changes: Mapping[str, Any], *, version: int | None
) -> CreditView:
    """Change the limit. Raises CreditAccountNotFoundError, ConflictError, CreditsUsedError: never below what is used."""
    actor.require(Permission.COURSES_MANAGE)

    def work(session: Session) -> Told:
        row = locked(session, TermCredit, row_id, CreditAccountNotFoundError)
        check_version(row, version)
        if changes.get("credit_limit", row.credit_limit) + row.waived < row.used:
            raise CreditsUsedError(used=str(row.used))
        change(row, changes)
        session.flush()
        return store_effects(session, services.ids, accounts=[(KIND, row.student_id)])

    tell(services, engine, write(services, work))
    return one_credit_account(services, actor, row_id)


def close_credit_account(services: Services, engine: Engine, actor: Actor, row_id: int) -> None:
    """Without one a student has the limit that is everybody's. Raises CreditAccountNotFoundError; InUseError while the
    student holds something in that term.
    """
    actor.require(Permission.COURSES_MANAGE)

    def work(session: Session) -> Told:
        row = locked(session, TermCredit, row_id, CreditAccountNotFoundError)
        mine = (Enrolment.student_id == row.student_id, Enrolment.term_id == row.term_id, Enrolment.active == 1)
        held = len(session.scalars(select(Enrolment.id).where(*mine)).all())
        if held:
            raise InUseError(uses={"enrolments": held})
        session.delete(row)
        session.flush()
        return store_effects(session, services.ids, accounts=[(KIND, row.student_id)])

    tell(services, engine, write(services, work))


def _accounts() -> Select[TermCredit, Student, Account]:
    return (
        select(TermCredit, Student, Account)
        .select_from(Student)
        .join(TermCredit, TermCredit.student_id == Student.account_id)
        .join(Account, Account.id == Student.account_id)
    )
