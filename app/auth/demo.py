"""Demo accounts. One argon2id hash is shared by all, so that seeding takes seconds (never in production mode)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.auth.models import Account
from app.auth.permissions import Role

PASSWORD = "seatrush-demo"  # noqa: S105 - printed by `make up`
STAFF = (
    ("manager", "教务管理员", Role.MANAGER),
    ("admin", "系统管理员", Role.SUPER_ADMIN),
    ("checkin", "签到员", Role.CHECKIN),
)
_BATCH = 5000


def existing(session: Session, role: Role) -> dict[str, int]:
    """username → account id of every account of a role."""
    rows = session.execute(select(Account.username, Account.id).where(Account.role == role.value))
    return {row[0]: row[1] for row in rows}


def account_row(account_id: int, username: str, display_name: str, role: Role, password_hash: str) -> dict[str, Any]:
    """One row for `insert_rows(session, Account, …)`."""
    return {
        "id": account_id,
        "username": username,
        "display_name": display_name,
        "role": role.value,
        "password_hash": password_hash,
    }


def insert_rows(session: Session, model: type[Any], rows: Iterable[dict[str, Any]]) -> None:
    """Insert in batches of a few thousand, each one statement."""
    pending = list(rows)
    for start in range(0, len(pending), _BATCH):
        session.execute(insert(model.__table__), pending[start : start + _BATCH])
