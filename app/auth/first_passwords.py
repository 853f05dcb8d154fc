"""First passwords: what somebody whose account was made in bulk signs in with once, to choose a password.

Of 79 random bits, so that its SHA-256 is enough (a slow hash protects what people think up, and 30,000 of those would
take a quarter of an hour): made and written in seconds, kept in the clear nowhere. It opens nothing but the choice.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest

from sqlalchemy import ColumnElement, and_

from app.auth.models import Account, AccountStatus
from app.auth.opening import new_password


def make_first() -> tuple[str, bytes]:
    """(the password, to be told once, and what is stored of it)."""
    made = new_password()
    return made, _digest(made)


def is_first(account: Account, given: str) -> bool:
    """True when this is the first password of an account that has no other."""
    return account.first_hash is not None and compare_digest(account.first_hash, _digest(given.strip().lower()))


def has_expired(account: Account, now: datetime, lasts: timedelta) -> bool:
    """True when a first password was made too long ago to be used: a list of them that lies about must not open accounts for
    ever. `lasts` is a setting."""
    return account.first_at is None or now - account.first_at >= lasts


def without_password(*, again: bool) -> ColumnElement[bool]:
    """Accounts that wait for a first password; with `again` those too that have not used theirs."""
    none = and_(Account.password_hash.is_(None), Account.legacy_hash.is_(None))
    usable = and_(none, Account.status == AccountStatus.ACTIVE.value, Account.is_deleted.is_(False))
    return usable if again else and_(usable, Account.first_hash.is_(None))


def _digest(password: str) -> bytes:
    return sha256(password.encode()).digest()
