"""What students and teachers have in common, so that there is one way to manage them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.auth.models import Account
from app.auth.permissions import Role
from app.errors import ConflictError, SeatrushError
from app.org.errors import StudentNoTakenError, StudentNotFoundError, TeacherNoTakenError, TeacherNotFoundError
from app.org.models import Student, Teacher
from app.org.units.levels import CLASS, COLLEGE, Level

# The fields that are the account's; the others are the record's.
ACCOUNT_FIELDS = frozenset({"display_name", "permissions"})


@dataclass(frozen=True, slots=True)
class Post:
    """What somebody is at the university: the record's table, its number, and the unit that the person belongs to.

    `home` is the field that names that unit. A person's id is the account's, everywhere.
    """

    role: Role
    model: type[Any]
    number: str
    number_key: str
    number_taken: type[ConflictError]
    missing: type[SeatrushError]
    level: Level
    home: str

    def locked(self, session: Session, account_id: int) -> tuple[Any, Account]:
        """The record and the account, both under lock. Raises `missing`."""
        query = select(self.model).where(self.model.account_id == account_id, self.model.is_deleted.is_(False))
        record = session.scalar(query.with_for_update().execution_options(populate_existing=True))
        account = session.get(Account, account_id, with_for_update=True, populate_existing=True)
        if record is None or account is None:
            raise self.missing
        return record, account

    def account_id(self) -> ColumnElement[int]:
        """The record's column of the account."""
        column: ColumnElement[int] = self.model.account_id
        return column


STUDENT = Post(
    Role.STUDENT,
    Student,
    "student_no",
    "uq_student_student_no",
    StudentNoTakenError,
    StudentNotFoundError,
    CLASS,
    "class_id",
)
TEACHER = Post(
    Role.TEACHER,
    Teacher,
    "teacher_no",
    "uq_teacher_teacher_no",
    TeacherNoTakenError,
    TeacherNotFoundError,
    COLLEGE,
    "college_id",
)


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person: record, account, and the units the record belongs to by level. `password` only when it was just made."""

    record: Any
    account: Account
    units: Mapping[str, Any]
    password: str | None = None
