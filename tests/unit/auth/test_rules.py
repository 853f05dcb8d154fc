"""Rules of identity, without servers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.auth.errors import PasswordTooWeakError
from app.auth.models import Account, LoginSession, RefreshToken
from app.auth.rules import REUSE_GRACE, Refresh, check_password_policy, judge_refresh, normal_username
from app.auth.sessions import successor

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def judge(
    *,
    used: timedelta | None = None,
    expires: timedelta = DAY,
    revoked: bool = False,
    versions: tuple[int, int] = (0, 0),
    status: str = "active",
) -> Refresh:
    token = RefreshToken(used_at=None if used is None else NOW - used, expires_at=NOW + expires)
    session = LoginSession(revoked_at=NOW if revoked else None, token_version=versions[0])
    return judge_refresh(token, session, Account(token_version=versions[1], status=status, is_deleted=False), NOW)


def test_refresh_decisions() -> None:
    assert judge() is Refresh.ROTATE
    assert judge(expires=-DAY) is Refresh.EXPIRED
    assert judge(expires=timedelta(0)) is Refresh.EXPIRED
    assert judge(used=timedelta(seconds=1)) is Refresh.REPEAT
    assert judge(used=REUSE_GRACE) is Refresh.REPEAT
    assert judge(used=REUSE_GRACE + timedelta(microseconds=1)) is Refresh.STOLEN
    assert judge(revoked=True) is Refresh.REVOKED
    assert judge(versions=(0, 1)) is Refresh.REVOKED
    assert judge(status="disabled") is Refresh.REVOKED
    assert judge(used=timedelta(hours=1), revoked=True) is Refresh.REVOKED


def test_successor_depends_on_token_and_key() -> None:
    assert successor("a", "k") == successor("a", "k")
    assert len({successor("a", "k"), successor("b", "k"), successor("a", "l")}) == 3


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (" S00001 ", "s00001"),
        ("a.b-c@x", "a.b-c@x"),
        ("", None),
        ("é", None),
        ("-x", None),
        ("a" * 65, None),
        ("a\n", "a"),
    ],
)
def test_normal_username(given: str, expected: str | None) -> None:
    assert normal_username(given) == expected


@pytest.mark.parametrize(
    ("new", "old", "reason"),
    [
        ("short", None, "too_short"),
        ("x" * 257, None, "too_long"),
        ("s00001s00001", None, "contains_username"),
        ("unchanged-password", "unchanged-password", "unchanged"),
    ],
)
def test_weak_passwords(new: str, old: str | None, reason: str) -> None:
    with pytest.raises(PasswordTooWeakError) as caught:
        check_password_policy(new, "s00001", old)
    assert caught.value.data["reason"] == reason


def test_good_password() -> None:
    check_password_policy("a long enough one", "s00001", "the old one")
