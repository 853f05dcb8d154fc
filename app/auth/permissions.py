"""What a role may do. Object-level checks ("my claim", "my lecture") are the domains' own."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum


class Role(StrEnum):
    """S2's 学生, 教师, 普通管理员, 超级管理员, and a door role that can only check in (indico #7306)."""

    STUDENT = "student"
    TEACHER = "teacher"
    MANAGER = "manager"
    SUPER_ADMIN = "super_admin"
    CHECKIN = "checkin"


# Those whom super-admins manage; students and teachers are people of the university (app/org/people).
MANAGING = (Role.MANAGER, Role.SUPER_ADMIN, Role.CHECKIN)


class Permission(StrEnum):
    """One thing that somebody may do; the names are part of the API (`GET /api/me`)."""

    CLAIMS_OWN = "claims:own"
    LECTURES_MANAGE = "lectures:manage"
    CHECKIN = "checkin"
    OPS = "ops"
    ORG_MANAGE = "org:manage"
    STUDENTS_MANAGE = "students:manage"
    COURSES_MANAGE = "courses:manage"
    ROUNDS_MANAGE = "rounds:manage"
    NOTICES_MANAGE = "notices:manage"
    TEACHING_READ = "teaching:read"
    ACCOUNTS_MANAGE = "accounts:manage"
    AUDIT_READ = "audit:read"
    CONTROLS_MANAGE = "controls:manage"


# What a super-admin may give a manager, or take from one; who was given nothing in particular has all of it.
GRANTABLE = frozenset(
    {
        Permission.LECTURES_MANAGE,
        Permission.CHECKIN,
        Permission.ORG_MANAGE,
        Permission.STUDENTS_MANAGE,
        Permission.COURSES_MANAGE,
        Permission.ROUNDS_MANAGE,
        Permission.NOTICES_MANAGE,
    }
)

# What a manager of people, who has it himself, may give a teacher beside what all of them may.
FOR_TEACHERS = frozenset({Permission.CHECKIN})

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.STUDENT: frozenset({Permission.CLAIMS_OWN}),
    Role.TEACHER: frozenset({Permission.TEACHING_READ}),
    Role.MANAGER: GRANTABLE,
    Role.SUPER_ADMIN: GRANTABLE
    | {Permission.OPS, Permission.ACCOUNTS_MANAGE, Permission.AUDIT_READ, Permission.CONTROLS_MANAGE},
    Role.CHECKIN: frozenset({Permission.CHECKIN}),
}


def granted(role: Role, chosen: Collection[str] | None) -> frozenset[Permission]:
    """What somebody of `role` may do; `chosen` is what a super-admin left a manager (None for everything), or what a teacher
    was given."""
    if role is Role.MANAGER and chosen is not None:
        return frozenset(one for one in GRANTABLE if one.value in chosen)
    given = FOR_TEACHERS if role is Role.TEACHER else frozenset()
    return PERMISSIONS[role] | {one for one in given if one.value in (chosen or ())}
