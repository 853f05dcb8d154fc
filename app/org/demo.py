"""The demo campus: colleges down to classes, students s00001 …, teachers t001 …. The same every time, and repeatable:
what is there already is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.auth.demo import account_row, existing, insert_rows
from app.auth.models import Account
from app.auth.permissions import Role
from app.extensions.ids import Snowflakes
from app.org.models import College, Department, Gender, Major, SchoolClass, Student, Teacher
from app.org.names import CLASSES_PER_MAJOR, COLLEGES, GRADES, TITLES, person_name

_SEED = 20261120
TEACHERS = 100


def seed_places(session: Session, ids: Snowflakes) -> None:
    """Colleges, departments, majors and classes, unless there are any."""
    if session.scalar(select(func.count()).select_from(College)):
        return
    rows: dict[type[Any], list[dict[str, Any]]] = {College: [], Department: [], Major: [], SchoolClass: []}
    for college, departments in COLLEGES.items():
        college_id = _add(rows[College], ids, name=college)
        for department, majors in departments.items():
            department_id = _add(rows[Department], ids, college_id=college_id, name=department)
            for major in majors:
                major_id = _add(rows[Major], ids, department_id=department_id, name=major)
                rows[SchoolClass].extend(_classes(ids, major_id, major))
    for model, batch in rows.items():
        insert_rows(session, model, batch)


def seed_students(session: Session, ids: Snowflakes, count: int, password_hash: str) -> int:
    """Students s00001 … up to `count`; those that are missing. Returns how many were made."""
    there = existing(session, Role.STUDENT)
    classes = session.execute(select(SchoolClass.id, SchoolClass.grade).order_by(SchoolClass.id)).all()
    accounts, students = [], []
    for number in range(1, count + 1):
        username = f"s{number:05d}"
        if username in there:
            continue
        # A generator of its own for each, so that a campus of 100 is the beginning of one of 30,000.
        random = Random(_SEED * 100_000 + number)
        class_id, grade = classes[random.randrange(len(classes))]
        account_id = ids.next_id()
        accounts.append(account_row(account_id, username, person_name(random), Role.STUDENT, password_hash))
        students.append(_student(ids, account_id, number, class_id, grade, random))
    insert_rows(session, Account, accounts)
    insert_rows(session, Student, students)
    return len(students)


def seed_teachers(session: Session, ids: Snowflakes, password_hash: str) -> None:
    """Teachers t001 … t100; those that are missing."""
    there = existing(session, Role.TEACHER)
    colleges = list(session.scalars(select(College.id).order_by(College.id)))
    accounts: list[dict[str, Any]] = []
    teachers: list[dict[str, Any]] = []
    for number in range(1, TEACHERS + 1):
        username = f"t{number:03d}"
        if username in there:
            continue
        random = Random(_SEED * 1000 + number)
        account_id = ids.next_id()
        accounts.append(account_row(account_id, username, person_name(random), Role.TEACHER, password_hash))
        _add(
            teachers,
            ids,
            account_id=account_id,
            teacher_no=f"{number:06d}",
            college_id=random.choice(colleges),
            title=random.choice(TITLES),
            email=f"{username}@example.edu",
        )
    insert_rows(session, Account, accounts)
    insert_rows(session, Teacher, teachers)


def _classes(ids: Snowflakes, major_id: int, major: str) -> Iterator[dict[str, Any]]:
    for grade in GRADES:
        for class_no in range(1, CLASSES_PER_MAJOR + 1):
            yield {
                "id": ids.next_id(),
                "major_id": major_id,
                "grade": grade,
                "class_no": class_no,
                "name": f"{major}{grade % 100}{class_no:02d}班",
                "graduation_credits": 160,
            }


def _student(
    ids: Snowflakes, account_id: int, number: int, class_id: int, grade: int, random: Random
) -> dict[str, Any]:
    return {
        "id": ids.next_id(),
        "account_id": account_id,
        "student_no": f"{grade}{number:06d}",
        "class_id": class_id,
        "gender": random.choice((Gender.MALE, Gender.FEMALE)).value,
        "email": f"s{number:05d}@example.edu",
        "phone": None,
    }


def _add(rows: list[dict[str, Any]], ids: Snowflakes, **values: Any) -> int:
    row_id = ids.next_id()
    rows.append({"id": row_id, **values})
    return row_id
