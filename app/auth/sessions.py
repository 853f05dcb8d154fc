"""Sessions and their refresh tokens.

The successor of a refresh token is derived from it with a key of ours. So the server can hand the *same* successor to
two tabs that raced, without keeping any token in the clear, and a family stays one chain: whoever comes second with a
link that was used before the grace holds a stolen copy.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.auth.models import Account, LoginSession, RefreshToken
from app.extensions.services import Services

_USER_AGENT = 200


@dataclass(frozen=True, slots=True)
class Device:
    """Where a sign-in comes from, for the list of sessions and the login limit."""

    address: str
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a sign-in or a refresh gives back. `refresh_token` belongs in an HttpOnly cookie, nowhere else."""

    account_id: int
    access_token: str
    expires_in: int
    refresh_token: str


def fingerprint(refresh_token: str) -> bytes:
    """What is stored of a refresh token. It is 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(refresh_token.encode()).digest()


def successor(refresh_token: str, secret_key: str) -> str:
    """The next link of the chain."""
    message = b"seatrush refresh token" + refresh_token.encode()
    return base64.urlsafe_b64encode(hmac.digest(secret_key.encode(), message, "sha256")).rstrip(b"=").decode()


def open_session(session: Session, services: Services, account: Account, device: Device) -> tuple[int, str]:
    """Begin a family for `account` and forget its expired ones. Returns the session id and the first refresh token."""
    now = services.clock.now()
    _forget_expired(session, account.id, now)
    login = LoginSession(
        id=services.ids.next_id(),
        account_id=account.id,
        token_version=account.token_version,
        address=device.address[:45],
        user_agent=device.user_agent[:_USER_AGENT],
        expires_at=now + services.settings.refresh_token_ttl,
    )
    session.add(login)
    token = secrets.token_urlsafe(32)
    add_link(session, services, login, token)
    return login.id, token


def add_link(session: Session, services: Services, login: LoginSession, token: str) -> None:
    """Append `token` to the chain of `login` and keep the session for as long as the token lasts."""
    login.expires_at = services.clock.now() + services.settings.refresh_token_ttl
    session.add(
        RefreshToken(
            id=services.ids.next_id(),
            session_id=login.id,
            token_hash=fingerprint(token),
            expires_at=login.expires_at,
        )
    )


def find_link(session: Session, token: str) -> tuple[RefreshToken, LoginSession] | None:
    """The link and its session, the session locked, so that everything done to one family is done in turn."""
    link = session.scalar(select(RefreshToken).where(RefreshToken.token_hash == fingerprint(token)))
    if link is None:
        return None
    login = session.scalar(select(LoginSession).where(LoginSession.id == link.session_id).with_for_update())
    if login is None:
        return None
    session.refresh(link)
    return link, login


def _forget_expired(session: Session, account_id: int, now: datetime) -> None:
    """Housekeeping where it costs least: an account's own dead sessions, at its next sign-in."""
    dead = list(
        session.scalars(
            select(LoginSession.id).where(LoginSession.account_id == account_id, LoginSession.expires_at < now)
        )
    )
    if dead:
        session.execute(delete(RefreshToken).where(RefreshToken.session_id.in_(dead)))
        session.execute(delete(LoginSession).where(LoginSession.id.in_(dead)))
