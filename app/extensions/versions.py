"""Rows that people edit: looked up under lock, and changed against the version that was seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy import Boolean, Computed, Integer, SmallInteger, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.errors import ConflictError, SeatrushError


class Versioned:
    """`version` grows with every edit."""

    version: Mapped[int] = mapped_column(Integer, server_default="1")


class Deletable:
    """Logical deletion, for tables where a pair is unique among the rows that are not deleted: `live` is 1 or NULL, and
    NULLs do not collide."""

    is_deleted: Mapped[bool] = mapped_column(Boolean, server_default="0")
    live: Mapped[int | None] = mapped_column(SmallInteger, Computed("IF(is_deleted, NULL, 1)", persisted=True))


Row = TypeVar("Row", bound=Any)


def locked(
    session: Session, model: type[Row], row_id: int, missing: type[SeatrushError], *, shared: bool = False
) -> Row:
    """The row under lock, `shared` with others who only need it to stay. Raises `missing` when it is not there.

    Whoever hangs something on a row holds it shared, whoever deletes it holds it alone while looking what hangs on it:
    so that there never is a department of a college that is gone.
    """
    query = select(model).where(model.id == row_id).with_for_update(read=shared)
    row: Row | None = session.scalar(query.execution_options(populate_existing=True))
    if row is None or getattr(row, "is_deleted", False):
        raise missing
    return row


def check_version(row: Any, version: int | None) -> None:
    """Raise ConflictError (data: the present `version`) unless it is the one that was seen; None asks for no check."""
    if version is not None and version != row.version:
        raise ConflictError(version=row.version)


def change(row: Any, changes: Mapping[str, Any]) -> bool:
    """Set what differs and raise the version; False when nothing does."""
    differing = {name: value for name, value in changes.items() if getattr(row, name) != value}
    for name, value in differing.items():
        setattr(row, name, value)
    if differing:
        row.version += 1
    return bool(differing)
