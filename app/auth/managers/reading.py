"""The list of those who manage, and one of them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, false, or_, select
from sqlalchemy.orm import Session

from app.auth.actor import Actor
from app.auth.errors import ManagerNotFoundError
from app.auth.models import Account
from app.auth.permissions import MANAGING, Permission, Role
from app.extensions.services import Services


@dataclass(frozen=True, slots=True)
class ManagerView:
    """An account that manages; `password` only when it was just made."""

    account: Account
    password: str | None = None


def list_managers(
    services: Services, actor: Actor, *, q: str, role: str | None, after: str, limit: int
) -> list[ManagerView]:
    """Up to `limit` with usernames beyond `after`, by username; `q`: the beginning of a username or a name."""
    actor.require(Permission.ACCOUNTS_MANAGE)
    query = manager_listing(q, role, after, limit)
    with services.breakers.guard("database"), services.db.reading() as session:
        return [ManagerView(one) for one in session.scalars(query)]


def manager_listing(q: str, role: str | None, after: str, limit: int) -> Select[Account]:
    """The list's query: those who manage are few among thirty thousand accounts, and the role is its index's first."""
    roles = [role] if role else [one.value for one in MANAGING]
    query = select(Account).where(Account.role.in_(roles), Account.is_deleted == false(), Account.username > after)
    if q:
        named = Account.display_name.startswith(q, autoescape=True)
        begins = or_(Account.username.startswith(q.lower(), autoescape=True), named)
        query = query.where(begins if q.isascii() else named)
    return query.order_by(Account.username).limit(limit)


def one_manager(services: Services, actor: Actor, account_id: int, *, password: str | None = None) -> ManagerView:
    """One of them as just written. Raises ManagerNotFoundError."""
    actor.require(Permission.ACCOUNTS_MANAGE)
    with services.breakers.guard("database"), services.db.transaction() as session:
        account = session.get(Account, account_id)
        if account is None or account.is_deleted or account.role_name not in MANAGING:
            raise ManagerNotFoundError
        return ManagerView(account, password)


def locked_manager(session: Session, account_id: int) -> Account:
    """The account under lock, together with every super-admin's, in the order of their ids: so that two of them who
    remove each other take turns. Raises ManagerNotFoundError.
    """
    admins = select(Account.id).where(Account.role == Role.SUPER_ADMIN.value, Account.is_deleted == false())
    ids = sorted({*session.scalars(admins), account_id})
    query = select(Account).where(Account.id.in_(ids), Account.is_deleted == false()).order_by(Account.id)
    for one in session.scalars(query.with_for_update().execution_options(populate_existing=True)).all():
        if one.id == account_id and one.role_name in MANAGING:
            return one
    raise ManagerNotFoundError
