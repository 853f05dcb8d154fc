"""What a role may do. Object-level checks ("my claim", "my lecture") are the domains' own."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """S2's 学生, 教师, 普通管理员, 超级管理员, and a door role that can only check in (indico #7306)."""

    STUDENT = "student"
    TEACHER = "teacher"
    MANAGER = "manager"
    SUPER_ADMIN = "super_admin"
    CHECKIN = "checkin"


class Permission(StrEnum):
    """One thing that somebody may do; the names are part of the API (`GET /api/me`)."""

    CLAIMS_OWN = "claims:own"
    LECTURES_MANAGE = "lectures:manage"
    CHECKIN = "checkin"
    OPS = "ops"
    ORG_MANAGE = "org:manage"
    ACCOUNTS_MANAGE = "accounts:manage"
    AUDIT_READ = "audit:read"
    CONTROLS_MANAGE = "controls:manage"


_STAFF = frozenset({Permission.LECTURES_MANAGE, Permission.CHECKIN, Permission.ORG_MANAGE})

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.STUDENT: frozenset({Permission.CLAIMS_OWN}),
    Role.TEACHER: frozenset(),
    Role.MANAGER: _STAFF,
    Role.SUPER_ADMIN: _STAFF
    | {Permission.OPS, Permission.ACCOUNTS_MANAGE, Permission.AUDIT_READ, Permission.CONTROLS_MANAGE},
    Role.CHECKIN: frozenset({Permission.CHECKIN}),
}
