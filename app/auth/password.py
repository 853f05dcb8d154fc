"""Change one's own password."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.auth.actor import Actor
from app.auth.errors import TokenInvalidError, WrongPasswordError
from app.auth.identity import Identity
from app.auth.login import find_account, stored_password
from app.auth.models import Account, LoginSession
from app.auth.revocations import tell_ended
from app.auth.rules import check_password_policy
from app.auth.sessions import Device
from app.extensions.services import Services


def change_password(
    services: Services, identity: Identity, actor: Actor, *, old: str, new: str, device: Device
) -> None:
    """Store `new` and end every other session of the account; the one that asks goes on.

    Raises WrongPasswordError, PasswordTooWeakError, TooManyAttemptsError, BusyError.
    """
    identity.limits.charge(actor.username, device.address)
    account = find_account(services, actor.username)
    if account is None:
        raise TokenInvalidError
    if not identity.passwords.verify(stored_password(account), old).right:
        raise WrongPasswordError
    identity.limits.refund(actor.username, device.address)
    check_password_policy(new, actor.username, old)
    new_hash = identity.passwords.hash(new)
    with services.breakers.guard("database"), services.db.transaction() as session:
        stored = store_password(session, account.id, new_hash, keep_session=actor.session_id)
    tell_ended(services, stored)


def store_password(session: Session, account_id: int, password_hash: str, *, keep_session: int) -> Account:
    """Write the hash and raise the token version: sessions that began before are over, but `keep_session`."""
    session.execute(
        update(Account)
        .where(Account.id == account_id)
        .values(
            password_hash=password_hash,
            legacy_hash=None,
            legacy_salt=None,
            first_hash=None,
            token_version=Account.token_version + 1,
        )
    )
    account = session.get_one(Account, account_id)
    session.execute(
        update(LoginSession)
        .where(LoginSession.id == keep_session, LoginSession.account_id == account_id)
        .values(token_version=account.token_version)
    )
    return account
