"""Add somebody who manages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.auth.actor import Actor
from app.auth.identity import Identity
from app.auth.managers.reading import ManagerView, one_manager
from app.auth.opening import account_name, open_account, password_for
from app.auth.permissions import Permission, Role
from app.extensions.services import Services
from app.extensions.writing import write


def create_manager(services: Services, identity: Identity, actor: Actor, values: Mapping[str, Any]) -> ManagerView:
    """From username, display_name, role, and perhaps mobile_phone, permissions (of a manager; None for all) and a
    password (else one is made, and stands in the view, this once).

    Raises InvalidInputError, UsernameTakenError, PasswordTooWeakError.
    """
    actor.require(Permission.ACCOUNTS_MANAGE)
    fields = dict(values)
    username = account_name(fields.pop("username"))
    role = Role(fields.pop("role"))
    password_hash, told = password_for(identity, username, fields.pop("password", None))

    def work(session: Session) -> int:
        account = open_account(
            session, services.ids, username=username, role=role, password_hash=password_hash, fields=fields
        )
        return account.id

    account_id = write(services, work)
    return one_manager(services, actor, account_id, password=told)
