"""Give somebody who manages a new password, to be told once."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.auth.actor import Actor
from app.auth.ending import fresh_password, put_password
from app.auth.identity import Identity
from app.auth.managers.reading import locked_manager
from app.auth.models import Account
from app.auth.permissions import Permission
from app.auth.revocations import tell_ended
from app.extensions.services import Services
from app.extensions.writing import write


def reset_manager_password(services: Services, identity: Identity, actor: Actor, account_id: int) -> str:
    """The new password; every session of the account is over. Raises ManagerNotFoundError, BusyError."""
    actor.require(Permission.ACCOUNTS_MANAGE)
    password_hash, password = fresh_password(identity)

    def work(session: Session) -> Account:
        account = locked_manager(session, account_id)
        put_password(account, password_hash)
        return account

    tell_ended(services, write(services, work))
    return password
