"""Who is asking. Use cases take an Actor; they never see a request or a token."""

from __future__ import annotations

from app.auth.permissions import PERMISSIONS, Permission, Role
from app.errors import ForbiddenError
from app.extensions.records import record


@record
class StudentStanding:
    """A student's place in the university, as booking rules need it. Carried in the access token, so that the hot
    path asks no database; a change is seen at the next refresh (at most the token's life later)."""

    class_id: int
    major_id: int
    department_id: int
    college_id: int
    grade: int


@record
class Actor:
    """A signed-in person. `session_id` is the login session (the refresh family) the token came from, `token_version`
    the account's when it was issued."""

    account_id: int
    username: str
    role: Role
    session_id: int
    student: StudentStanding | None
    permissions: frozenset[Permission]
    token_version: int = 0

    @classmethod
    def of(
        cls,
        account_id: int,
        username: str,
        role: Role,
        session_id: int = 0,
        student: StudentStanding | None = None,
        permissions: frozenset[Permission] | None = None,
        token_version: int = 0,
    ) -> Actor:
        """An actor with these permissions, by default those of `role`."""
        may = PERMISSIONS[role] if permissions is None else permissions
        return cls(account_id, username, role, session_id, student, may, token_version)

    def may(self, permission: Permission) -> bool:
        """True when the role grants `permission`."""
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Raise ForbiddenError unless the role grants `permission`."""
        if permission not in self.permissions:
            raise ForbiddenError(permission=permission.value)
