"""Tables of the operator settings: control (what holds now), control_history (every change, who made it and why)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions.db import Base, UtcDateTime

_KEY = String(64, collation="ascii_bin")


class ControlRow(Base):
    """A setting that was changed at least once; without a row its default holds. `version` grows with every change."""

    __tablename__ = "control"
    __table_args__ = (UniqueConstraint("key", name="uq_control_key"), Base.__table_args__)

    key: Mapped[str] = mapped_column(_KEY)
    value: Mapped[Any] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(Integer)


class ControlChange(Base):
    """One change; never edited, never deleted. `version` is the one it made."""

    __tablename__ = "control_history"
    __table_args__ = (
        UniqueConstraint("key", "version", name="uq_control_history_key_version"),
        Base.__table_args__,
    )

    key: Mapped[str] = mapped_column(_KEY)
    version: Mapped[int] = mapped_column(Integer)
    old: Mapped[Any] = mapped_column(JSON)
    new: Mapped[Any] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(String(500))
    account_id: Mapped[int] = mapped_column(BigInteger)
    username: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
