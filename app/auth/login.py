"""Sign in with username and password."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.auth.actor import Actor, StudentStanding
from app.auth.errors import (
    AccountDisabledError,
    FirstPasswordExpiredError,
    InvalidCredentialsError,
    PasswordToChooseError,
)
from app.auth.first_passwords import has_expired, is_first
from app.auth.identity import Identity
from app.auth.models import Account
from app.auth.passwords import StoredPassword
from app.auth.rules import normal_username
from app.auth.sessions import Device, SignedIn, open_session
from app.extensions.services import Services

# Supplied by the org domain, which this one must not import: account id → standing, None for staff.
StandingOf = Callable[[Session, int], StudentStanding | None]


def login(
    services: Services, identity: Identity, *, username: str, password: str, device: Device, standing_of: StandingOf
) -> SignedIn:
    """Check the password and open a session.

    Raises InvalidCredentialsError (an unknown name and a wrong password cost and say the same),
    AccountDisabledError, PasswordToChooseError (a first password opens nothing), FirstPasswordExpiredError,
    TooManyAttemptsError, BusyError.
    """
    name = normal_username(username)
    identity.limits.charge(name or "?", device.address)
    account = find_account(services, name)
    verdict = identity.passwords.verify(stored_password(account), password)
    if account is None or not (verdict.right or is_first(account, password)):
        raise InvalidCredentialsError
    identity.limits.refund(account.username, device.address)
    if not account.usable:
        raise AccountDisabledError
    if not verdict.right:
        check_first_age(services, account)
        raise PasswordToChooseError
    return open_for(services, identity, account, verdict.new_hash, device, standing_of)


def find_account(services: Services, username: str | None) -> Account | None:
    """The account of a normalised name, read from the primary (it may have been changed a moment ago)."""
    if username is None:
        return None
    with services.breakers.guard("database"), services.db.transaction() as session:
        return session.scalar(select(Account).where(Account.username == username, Account.is_deleted.is_(False)))


def check_first_age(services: Services, account: Account) -> None:
    """Raises FirstPasswordExpiredError."""
    if has_expired(account, services.clock.now(), services.settings.first_password_ttl):
        raise FirstPasswordExpiredError


def stored_password(account: Account | None) -> StoredPassword | None:
    """What to compare with; None when there is nobody."""
    if account is None:
        return None
    return StoredPassword(account.password_hash, account.legacy_hash, account.legacy_salt)


def actor_of(account: Account, session_id: int, standing: StudentStanding | None) -> Actor:
    """The actor that tokens of this account carry."""
    return Actor.of(
        account.id, account.username, account.role_name, session_id, standing, account.granted, account.token_version
    )


def open_for(
    services: Services,
    identity: Identity,
    account: Account,
    new_hash: str | None,
    device: Device,
    standing_of: StandingOf,
) -> SignedIn:
    """Open a session for somebody who has proved who he is; `new_hash`: what to store instead of the old one."""
    with services.breakers.guard("database"), services.db.transaction() as session:
        session.add(account)
        account.last_login = services.clock.now()
        if new_hash is not None:
            # Unless another was set since it was looked at: that has raised the version.
            same = update(Account).where(Account.id == account.id, Account.token_version == account.token_version)
            session.execute(same.values(password_hash=new_hash, legacy_hash=None, legacy_salt=None))
        session_id, refresh_token = open_session(session, services, account, device)
        standing = standing_of(session, account.id)
    token = identity.tokens.issue(actor_of(account, session_id, standing))
    return SignedIn(account.id, token, identity.tokens.ttl_seconds, refresh_token)
