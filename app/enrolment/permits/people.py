"""Students as managers name them: by username or student number."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.auth.models import Account
from app.enrolment.permits.errors import StudentUnknownError
from app.errors import InvalidInputError
from app.org.models import Student


@dataclass(frozen=True, slots=True)
class Person:
    """A student as lists show one. `id` is the account's."""

    id: int
    username: str
    student_no: str
    display_name: str


def student_named(session: Session, name: str) -> Person:
    """Raises StudentUnknownError."""
    found = _named(session, [name]).get(name)
    if found is None:
        raise StudentUnknownError(username=name)
    return found


def students_named(session: Session, names: Collection[str]) -> list[int]:
    """Account ids. Raises InvalidInputError, naming those that are nobody's."""
    found = _named(session, names)
    missing = sorted(set(names) - found.keys())
    if missing:
        raise InvalidInputError(errors={"students": [f"No such student: {one}" for one in missing]})
    return sorted({one.id for one in found.values()})


def people_of(session: Session, ids: Collection[int]) -> Mapping[int, Person]:
    """Account id → person; those who are no students any more are left out."""
    query = _PEOPLE.where(Student.account_id.in_(ids))
    return {row[0]: Person(*row) for row in session.execute(query)} if ids else {}


_PEOPLE = select(Account.id, Account.username, Student.student_no, Account.display_name).join(
    Student, Student.account_id == Account.id
)


def _named(session: Session, names: Collection[str]) -> dict[str, Person]:
    """Name as given → person. A username goes before a student number."""
    if not names:
        return {}
    query = _PEOPLE.where(or_(Account.username.in_(names), Student.student_no.in_(names)))
    people = [Person(*row) for row in session.execute(query)]
    by_name = {one.student_no: one for one in people} | {one.username: one for one in people}
    return {name: by_name[name] for name in names if name in by_name}
