"""Choose a password by the first one, and be signed in."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.auth.ending import put_password
from app.auth.errors import AccountDisabledError, InvalidCredentialsError
from app.auth.first_passwords import is_first
from app.auth.identity import Identity
from app.auth.login import StandingOf, check_first_age, find_account, open_for
from app.auth.models import Account
from app.auth.rules import check_password_policy, normal_username
from app.auth.sessions import Device, SignedIn
from app.extensions.services import Services
from app.extensions.writing import write


def choose_password(
    services: Services,
    identity: Identity,
    *,
    username: str,
    first_password: str,
    new_password: str,
    device: Device,
    standing_of: StandingOf,
) -> SignedIn:
    """From now on only `new_password` counts.

    Raises InvalidCredentialsError (also when the first password was used or replaced), AccountDisabledError,
    FirstPasswordExpiredError, PasswordTooWeakError, TooManyAttemptsError, BusyError.
    """
    name = normal_username(username)
    identity.limits.charge(name or "?", device.address)
    found = find_account(services, name)
    if found is None or not is_first(found, first_password):
        raise InvalidCredentialsError
    identity.limits.refund(found.username, device.address)
    if not found.usable:
        raise AccountDisabledError
    check_first_age(services, found)
    # The first one again, in whatever case it is typed, stands on paper.
    check_password_policy(new_password, found.username, new_password if is_first(found, new_password) else None)
    new_hash = identity.passwords.hash(new_password)

    def work(session: Session) -> Account:
        account = session.get(Account, found.id, with_for_update=True)
        if account is None or not is_first(account, first_password):
            raise InvalidCredentialsError
        if not account.usable:  # disabled meanwhile: tokens of what is raised below would not be called back
            raise AccountDisabledError
        put_password(account, new_hash)
        return account

    return open_for(services, identity, write(services, work), None, device, standing_of)
