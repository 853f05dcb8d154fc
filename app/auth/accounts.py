"""Make accounts from the command line. People's are made by app/org/people, managers' by app/auth/managers."""

from __future__ import annotations

from app.auth.identity import Identity
from app.auth.opening import UsernameTakenError, account_name, open_account
from app.auth.permissions import Role
from app.auth.rules import check_password_policy
from app.extensions.services import Services

__all__ = ["UsernameTakenError", "create_account"]


def create_account(
    services: Services, identity: Identity, *, username: str, display_name: str, role: Role, password: str
) -> int:
    """Create and return the id. Raises InvalidInputError, PasswordTooWeakError, UsernameTakenError."""
    name = account_name(username)
    check_password_policy(password, name)
    fields = {"display_name": display_name[:64]}
    with services.db.transaction() as session:
        account = open_account(
            session,
            services.ids,
            username=name,
            role=role,
            password_hash=identity.passwords.hash(password),
            fields=fields,
        )
        return account.id
