"""Who missed lectures in a term, as managers see it; and forgiving it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from app.admission.engine import Engine
from app.admission.telling import Told, store_effects, tell
from app.auth.actor import Actor
from app.auth.models import Account
from app.auth.permissions import Permission
from app.catalogue.errors import TermNotFoundError
from app.catalogue.models import Term
from app.catalogue.terms import campus_day, chosen_term
from app.extensions.records import record
from app.extensions.services import Services
from app.extensions.versions import locked
from app.extensions.writing import write
from app.lectures.models import KIND, Lecture, LectureBooking
from app.lectures.quota.accounts import open_accounts
from app.lectures.quota.counting import missed_where
from app.lectures.quota.models import LectureAccount
from app.lectures.quota.rules import stored_rules
from app.org.models import Student
from app.org.people.posts import STUDENT
from app.org.people.reading import beginning_with


@record
class NoShows:
    """A student who `missed` lectures of a term; `waived` of these are forgiven. `held`: the others keep from booking."""

    student: Student
    account: Account
    term_id: int
    missed: int
    waived: int
    held: bool


def list_no_shows(
    services: Services, actor: Actor, *, term_id: int | None, q: str, after: str, limit: int
) -> list[NoShows]:
    """Up to `limit` students who missed something in the term (the current one by default), by number, beyond `after`;
    `q` as in the list of students. Raises TermNotFoundError.
    """
    actor.require(Permission.LECTURES_MANAGE)
    with services.breakers.guard("database"), services.db.transaction() as session:
        term = chosen_term(session, term_id, campus_day(services))
        if term is None:
            return []
        query = _listing(term.id).where(Student.student_no > after)
        query = query.where(beginning_with(STUDENT, q)) if q else query
        return _views(session, term.id, query.order_by(Student.student_no).limit(limit))


def waive_no_shows(services: Services, engine: Engine, actor: Actor, student_id: int, term_id: int) -> NoShows:
    """Forgive what the student has missed in the term so far; what is missed from now on counts again.

    Raises StudentNotFoundError, TermNotFoundError.
    """
    actor.require(Permission.LECTURES_MANAGE)

    def work(session: Session) -> tuple[Told, NoShows]:
        student, account = STUDENT.locked(session, student_id)
        locked(session, Term, term_id, TermNotFoundError, shared=True)
        open_accounts(session, services.ids, [(student_id, term_id)])
        mine = (LectureAccount.student_id == student_id, LectureAccount.term_id == term_id)
        row = session.scalars(select(LectureAccount).where(*mine).with_for_update()).one()
        only = (LectureBooking.student_id == student_id, Lecture.scope_term == term_id)
        row.waived = max(row.waived, sum(found[2] for found in session.execute(missed_where(*only))))
        session.flush()
        view = NoShows(student, account, term_id, row.waived, row.waived, held=False)
        return store_effects(session, services.ids, accounts=[(KIND, student_id)]), view

    told, view = write(services, work)
    tell(services, engine, told)
    return view


def _listing(term_id: int) -> Select[Any]:
    counts = missed_where(Lecture.scope_term == term_id).subquery()
    mine = and_(LectureAccount.student_id == Student.account_id, LectureAccount.term_id == term_id)
    return (
        select(Student, Account, counts.c.missed, func.coalesce(LectureAccount.waived, 0))
        .join(counts, counts.c.student_id == Student.account_id)
        .join(Account, Account.id == Student.account_id)
        .outerjoin(LectureAccount, mine)
    )


def _views(session: Session, term_id: int, query: Select[Any]) -> list[NoShows]:
    rules = stored_rules(session)
    return [
        NoShows(student, account, term_id, missed, waived, rules.bars(missed - waived))
        for student, account, missed, waived in session.execute(query)
    ]
