"""Rules of identity as functions of their arguments."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import Enum

from app.auth.errors import PasswordTooWeakError
from app.auth.models import Account, LoginSession, RefreshToken

MINIMUM_PASSWORD = 10
LONGEST_PASSWORD = 256

# Two tabs of one browser wake up together and both send the cookie they had: for this long a used token is answered
# with the same successor again. Later, it is a stolen one.
REUSE_GRACE = timedelta(seconds=10)

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")


class Refresh(Enum):
    """What to do with a refresh token that was presented."""

    ROTATE = "rotate"
    REPEAT = "repeat"
    EXPIRED = "expired"
    REVOKED = "revoked"
    STOLEN = "stolen"


def normal_username(username: str) -> str | None:
    """Lower case and trimmed; None when no account can have such a name."""
    name = username.strip().lower()
    return name if _USERNAME.fullmatch(name) else None


def judge_refresh(token: RefreshToken, session: LoginSession, account: Account, now: datetime) -> Refresh:
    """Decide on a presented token. A used one outside the grace means that two people hold the chain."""
    if session.revoked_at is not None or session.token_version != account.token_version or not account.usable:
        return Refresh.REVOKED
    if token.used_at is not None:
        return Refresh.REPEAT if now - token.used_at <= REUSE_GRACE else Refresh.STOLEN
    return Refresh.EXPIRED if now >= token.expires_at else Refresh.ROTATE


def check_password_policy(new: str, username: str, old: str | None = None) -> None:
    """Raise PasswordTooWeakError unless `new` may become the password of `username`."""
    reason = _weakness(new, username, old)
    if reason is not None:
        raise PasswordTooWeakError(minimum=MINIMUM_PASSWORD, reason=reason)


def _weakness(new: str, username: str, old: str | None) -> str | None:
    if len(new) < MINIMUM_PASSWORD:
        return "too_short"
    if len(new) > LONGEST_PASSWORD:
        return "too_long"
    if username and len(new.lower().replace(username, "")) < MINIMUM_PASSWORD - 4:
        return "contains_username"
    return "unchanged" if new == old else None
