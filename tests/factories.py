"""People and places for tests. One cheap-to-share password hash; everything else is as the application makes it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cache
from typing import Any

from argon2 import PasswordHasher

from app.auth.actor import Actor
from app.auth.identity import Identity
from app.auth.models import Account
from app.auth.permissions import Role
from app.extensions.services import Services
from app.org.models import College, Department, Major, SchoolClass, Student
from app.org.queries import standing_of

PASSWORD = "correct horse battery"

_numbers = itertools.count(1)


@cache
def password_hash() -> str:
    """The hash of PASSWORD."""
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1).hash(PASSWORD)


@dataclass(frozen=True)
class Place:
    """One class and what is above it."""

    college_id: int
    department_id: int
    major_id: int
    class_id: int
    grade: int


def make_account(services: Services, role: Role = Role.STUDENT, **values: Any) -> Account:
    """An account that can sign in with PASSWORD."""
    number = next(_numbers)
    fields = {
        "id": services.ids.next_id(),
        "username": f"person{number}",
        "display_name": f"Person {number}",
        "role": role.value,
        "password_hash": password_hash(),
        **values,
    }
    with services.db.transaction() as session:
        session.add(Account(**fields))
    with services.db.transaction() as session:
        return session.get_one(Account, fields["id"])


def make_place(services: Services, *, grade: int = 2024, college: str = "计算机学院") -> Place:
    """A college with one department, major and class."""
    college_id, department_id, major_id, class_id = (services.ids.next_id() for _ in range(4))
    with services.db.transaction() as session:
        session.add_all(
            [
                College(id=college_id, name=college),
                Department(id=department_id, college_id=college_id, name="软件工程系"),
                Major(id=major_id, department_id=department_id, name="软件工程"),
                SchoolClass(
                    id=class_id, major_id=major_id, grade=grade, class_no=1, name="软工2401班", graduation_credits=160
                ),
            ]
        )
    return Place(college_id, department_id, major_id, class_id, grade)


def make_student(services: Services, place: Place | None = None, **values: Any) -> Account:
    """A student's account, with the student in a class."""
    place = place or make_place(services)
    account = make_account(services, Role.STUDENT, **values)
    with services.db.transaction() as session:
        session.add(
            Student(
                id=services.ids.next_id(),
                account_id=account.id,
                student_no=f"{place.grade}{next(_numbers):06d}",
                class_id=place.class_id,
            )
        )
    return account


def actor_for(services: Services, account: Account) -> Actor:
    """The actor that the account's tokens carry."""
    with services.db.reading() as session:
        standing = standing_of(session, account.id)
    return Actor.of(
        account.id, account.username, account.role_name, 0, standing, account.granted, account.token_version
    )


def bearer(services: Services, account: Account) -> dict[str, str]:
    """The Authorization header of the account, without a sign-in."""
    token = Identity.for_process(services).tokens.issue(actor_for(services, account))
    return {"Authorization": f"Bearer {token}"}
