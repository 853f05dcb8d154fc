"""Delete somebody who manages."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.auth.actor import Actor
from app.auth.ending import delete_account
from app.auth.errors import OwnAccountError
from app.auth.managers.editing import check_admins
from app.auth.managers.reading import locked_manager
from app.auth.models import Account
from app.auth.permissions import Permission
from app.auth.revocations import tell_ended
from app.extensions.services import Services
from app.extensions.writing import write


def delete_manager(services: Services, actor: Actor, account_id: int) -> None:
    """The account is over, and its sessions. Raises ManagerNotFoundError, OwnAccountError, LastAdminError."""
    actor.require(Permission.ACCOUNTS_MANAGE)

    def work(session: Session) -> Account:
        account = locked_manager(session, account_id)
        if account_id == actor.account_id:
            raise OwnAccountError
        delete_account(account)
        session.flush()
        check_admins(session)
        return account

    tell_ended(services, write(services, work))
