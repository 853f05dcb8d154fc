"""round_event: what was done to a round, by whom and why. Never edited, never deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions.db import TABLE_OPTIONS, Base, UtcDateTime


class RoundEvent(Base):
    """One step of a round's timeline. `detail`: {field: [before, after]}, or what else the action is about."""

    __tablename__ = "round_event"
    __table_args__ = (Index("ix_round_event_timeline", "round_id", "id"), TABLE_OPTIONS)

    round_id: Mapped[int] = mapped_column(BigInteger)
    action: Mapped[str] = mapped_column(String(24))
    reason: Mapped[str] = mapped_column(String(255), server_default=text("''"))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    account_id: Mapped[int] = mapped_column(BigInteger)
    username: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
