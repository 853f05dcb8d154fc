"""Table of the calendar feed: one address a person at most, kept as a hash only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BINARY, BigInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions.db import TABLE_OPTIONS, Base, UtcDateTime


class CalendarFeed(Base):
    """Whoever knows the address may read the calendar; `issued_at` is when the present one was made."""

    __tablename__ = "calendar_feed"
    __table_args__ = (
        UniqueConstraint("account_id", name="uq_calendar_feed_account"),
        UniqueConstraint("token_hash", name="uq_calendar_feed_token"),
        TABLE_OPTIONS,
    )

    account_id: Mapped[int] = mapped_column(BigInteger)
    token_hash: Mapped[bytes] = mapped_column(BINARY(32))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
