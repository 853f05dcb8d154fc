"""Column types as the revisions write them (a revision must not import models: those go on changing)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

TABLE = {"mysql_engine": "InnoDB"}


def moment(name: str, *, nullable: bool = True) -> sa.Column:  # type: ignore[type-arg]
    """DATETIME(6), UTC."""
    return sa.Column(name, mysql.DATETIME(fsp=6), nullable=nullable)


def number(name: str, *, nullable: bool = False) -> sa.Column:  # type: ignore[type-arg]
    """An id of another row."""
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def text(name: str, length: int, *, nullable: bool = False, default: str | None = None) -> sa.Column:  # type: ignore[type-arg]
    """VARCHAR, with a constant default when one is given."""
    server_default = None if default is None else sa.text(f"'{default}'")
    return sa.Column(name, sa.String(length), nullable=nullable, server_default=server_default)


def name(column: str, length: int) -> sa.Column:  # type: ignore[type-arg]
    """A name that machines compare: byte by byte."""
    return sa.Column(column, sa.String(length, collation="ascii_bin"), nullable=False)


def deleted() -> sa.Column:  # type: ignore[type-arg]
    """Logical deletion (S2)."""
    return sa.Column("is_deleted", sa.Boolean(), nullable=False, server_default=sa.text("0"))


def standard() -> tuple[sa.Column, ...]:  # type: ignore[type-arg]
    """What every table has: id, create_time, update_time."""
    now = "CURRENT_TIMESTAMP(6)"
    return (
        sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("create_time", mysql.DATETIME(fsp=6), nullable=False, server_default=sa.text(now)),
        sa.Column(
            "update_time", mysql.DATETIME(fsp=6), nullable=False, server_default=sa.text(f"{now} ON UPDATE {now}")
        ),
    )
