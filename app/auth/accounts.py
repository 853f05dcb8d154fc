"""Make accounts, for the command line and (issue 3) the managers' pages."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError

from app.auth.identity import Identity
from app.auth.models import Account
from app.auth.permissions import Role
from app.auth.rules import check_password_policy, normal_username
from app.errors import ConflictError, InvalidInputError
from app.extensions.db import DUPLICATE_ENTRY, error_number
from app.extensions.services import Services


class UsernameTakenError(ConflictError):
    code = "username_taken"
    zh = "用户名“{username}”已被使用。"
    en = "The username “{username}” is taken."


def create_account(
    services: Services, identity: Identity, *, username: str, display_name: str, role: Role, password: str
) -> int:
    """Create and return the id. Raises InvalidInputError, PasswordTooWeakError, UsernameTakenError."""
    name = normal_username(username)
    if name is None:
        raise InvalidInputError(errors={"username": ["a-z, 0-9, and . _ @ - inside; at most 64 characters"]})
    check_password_policy(password, name)
    account = Account(
        id=services.ids.next_id(),
        username=name,
        display_name=display_name[:64],
        role=role.value,
        password_hash=identity.passwords.hash(password),
    )
    account_id = account.id
    try:
        with services.db.transaction() as session:
            session.add(account)
    except IntegrityError as error:
        if error_number(error) == DUPLICATE_ENTRY:
            raise UsernameTakenError(username=name) from error
        raise
    return account_id
