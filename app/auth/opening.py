"""Open an account inside a transaction that also writes whose it is."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.auth.identity import Identity
from app.auth.models import Account
from app.auth.permissions import Role
from app.auth.rules import check_password_policy, normal_username
from app.errors import ConflictError, InvalidInputError
from app.extensions.db import duplicate_key
from app.extensions.ids import Snowflakes

_PARTS = 4
# Neither 0 and o nor 1, i and l: it is read out, or copied from paper.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class UsernameTakenError(ConflictError):
    code = "username_taken"
    zh = "用户名“{username}”已被使用。"
    en = "The username “{username}” is taken."


def account_name(username: str) -> str:
    """The username as it is stored. Raises InvalidInputError for what can be nobody's."""
    name = normal_username(username)
    if name is None:
        raise InvalidInputError(errors={"username": ["a-z, 0-9, and . _ @ - inside; at most 64 characters"]})
    return name


def new_password() -> str:
    """A password to be told once, of four parts of four: 79 random bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(_PARTS))


def password_for(identity: Identity, username: str, given: str | None) -> tuple[str, str | None]:
    """(hash, the password when it was made here and must be told). Raises PasswordTooWeakError, BusyError."""
    if given is not None:
        check_password_policy(given, username)
        return identity.passwords.hash(given), None
    made = new_password()
    return identity.passwords.hash(made), made


def open_account(
    session: Session, ids: Snowflakes, *, username: str, role: Role, password_hash: str, fields: Mapping[str, Any]
) -> Account:
    """Add the row. `fields`: display_name and what else an account has. Raises UsernameTakenError."""
    account = Account(
        id=ids.next_id(), username=username, role=role.value, password_hash=password_hash, version=1, **fields
    )
    try:
        session.add(account)
        session.flush()
    except IntegrityError as error:
        if duplicate_key(error) == "uq_account_username":
            raise UsernameTakenError(username=username) from error
        raise
    return account
