"""Change somebody who manages: name, role, permissions, disabled or not.

What somebody may do stands in the access token: a permission that is taken away ends with the token, minutes later; a
role that changes, and disabling, end all sessions, and with them their tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.actor import Actor
from app.auth.ending import end_sessions, set_status
from app.auth.errors import LastAdminError, OwnAccountError
from app.auth.managers.reading import ManagerView, locked_manager, one_manager
from app.auth.models import Account, AccountStatus
from app.auth.permissions import Permission, Role
from app.auth.revocations import tell_ended
from app.extensions.services import Services
from app.extensions.versions import change, check_version
from app.extensions.writing import write


def edit_manager(
    services: Services, actor: Actor, account_id: int, changes: Mapping[str, Any], *, version: int | None
) -> ManagerView:
    """Change the named fields. Raises ManagerNotFoundError, ConflictError for an old version, OwnAccountError for one's
    own role or status, LastAdminError.
    """
    actor.require(Permission.ACCOUNTS_MANAGE)

    def work(session: Session) -> Account:
        account = locked_manager(session, account_id)
        check_version(account, version)
        if account_id == actor.account_id and {"role", "account_status"} & changes.keys():
            raise OwnAccountError
        _apply(account, changes)
        session.flush()
        check_admins(session)
        return account

    edited = write(services, work)
    if {"role", "account_status"} & changes.keys():
        tell_ended(services, edited)
    return one_manager(services, actor, account_id)


def _apply(account: Account, changes: Mapping[str, Any]) -> None:
    before = account.role
    touched = change(account, {name: value for name, value in changes.items() if name != "account_status"})
    if account.role != before:
        end_sessions(account)
    if account.role != Role.MANAGER:
        account.permissions = None  # only a manager's can be chosen
    if "account_status" in changes and set_status(account, changes["account_status"]) and not touched:
        account.version += 1


def check_admins(session: Session) -> None:
    """Raise LastAdminError when nobody is left who could manage the managers. Every super-admin's row is locked."""
    there = select(Account.id).where(
        Account.role == Role.SUPER_ADMIN.value,
        Account.status == AccountStatus.ACTIVE.value,
        Account.is_deleted.is_(False),
    )
    if session.scalar(there.limit(1)) is None:
        raise LastAdminError
