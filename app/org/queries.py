"""Reads of the university."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.auth.actor import StudentStanding
from app.org.models import College, Department, Major, SchoolClass, Student, StudentStatus


@dataclass(frozen=True, slots=True)
class ClassInfo:
    """A class with the names above it."""

    id: int
    name: str
    grade: int
    major_id: int
    major: str
    department_id: int
    department: str
    college_id: int
    college: str


@dataclass(frozen=True, slots=True)
class StudentProfile:
    """A student's number and class, for `GET /api/me`."""

    student_no: str
    school_class: ClassInfo


_CLASS = (
    SchoolClass.id,
    SchoolClass.name,
    SchoolClass.grade,
    Major.id,
    Major.name,
    Department.id,
    Department.name,
    College.id,
    College.name,
)


def _standings() -> Select[int, int, int, int, int, int]:
    """(account id, class, major, department, college, grade) of students; who has left stands nowhere."""
    return (
        select(Student.account_id, SchoolClass.id, Major.id, Department.id, Department.college_id, SchoolClass.grade)
        .select_from(Student)
        .join(SchoolClass, SchoolClass.id == Student.class_id)
        .join(Major, Major.id == SchoolClass.major_id)
        .join(Department, Department.id == Major.department_id)
        .where(Student.is_deleted.is_(False), Student.status != StudentStatus.WITHDRAWN.value)
    )


def standing_of(session: Session, account_id: int) -> StudentStanding | None:
    """What booking rules need to know of a student, for the access token; None for staff."""
    return standings_of(session, [account_id]).get(account_id)


def standings_of(session: Session, account_ids: Collection[int]) -> dict[int, StudentStanding]:
    """account id → standing, for those of these accounts that are students."""
    rows = session.execute(_standings().where(Student.account_id.in_(account_ids)))
    return {row[0]: StudentStanding(*row[1:]) for row in rows}


def all_standings(session: Session) -> dict[int, StudentStanding]:
    """account id → standing of every student, in one query."""
    return {row[0]: StudentStanding(*row[1:]) for row in session.execute(_standings())}


def enrolled_students(session: Session) -> list[int]:
    """The accounts of everybody who studies here now, ascending."""
    query = select(Student.account_id).where(
        Student.is_deleted.is_(False), Student.status == StudentStatus.ENROLLED.value
    )
    return list(session.scalars(query.order_by(Student.account_id)))


def profile_of(session: Session, account_id: int) -> StudentProfile | None:
    """The student behind an account; None for staff."""
    row = session.execute(
        select(Student.student_no, *_CLASS)
        .select_from(Student)
        .join(SchoolClass, SchoolClass.id == Student.class_id)
        .join(Major, Major.id == SchoolClass.major_id)
        .join(Department, Department.id == Major.department_id)
        .join(College, College.id == Department.college_id)
        .where(Student.account_id == account_id)
    ).first()
    if row is None:
        return None
    student_no, *school_class = row
    return StudentProfile(student_no, ClassInfo(*school_class))


def list_colleges(session: Session, *, after: int, limit: int) -> list[tuple[int, str]]:
    """(id, name) of up to `limit` colleges with ids beyond `after`, by id."""
    query = select(College.id, College.name).where(College.is_deleted.is_(False), College.id > after)
    rows = session.execute(query.order_by(College.id).limit(limit))
    return [(row[0], row[1]) for row in rows]


def list_classes(session: Session, *, college_id: int | None, after: int, limit: int) -> list[ClassInfo]:
    """Up to `limit` classes with ids beyond `after`, by id; of one college when it is given."""
    query = (
        select(*_CLASS)
        .select_from(SchoolClass)
        .join(Major, Major.id == SchoolClass.major_id)
        .join(Department, Department.id == Major.department_id)
        .join(College, College.id == Department.college_id)
        .where(SchoolClass.is_deleted.is_(False), SchoolClass.id > after)
    )
    if college_id is not None:
        query = query.where(College.id == college_id)
    return [ClassInfo(*row) for row in session.execute(query.order_by(SchoolClass.id).limit(limit))]
