"""Table of the audit log: request_log, one row a request."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Index, Integer, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions.db import Base, UtcDateTime


class Side(StrEnum):
    """Whose request it was: a student's, or one of the staff. S2 keeps a table for each."""

    FRONTEND = "frontend"
    BACKEND = "backend"


class RequestLog(Base):
    """One request. `at`: when it was answered; `duration_ms`: how long that took; secrets in the bodies are masked."""

    __tablename__ = "request_log"
    __table_args__ = (
        Index("ix_request_log_account_id_at", "account_id", "at"),
        Index("ix_request_log_at", "at"),
        Index("ix_request_log_request_id", "request_id"),
        Base.__table_args__,
    )

    side: Mapped[str] = mapped_column(String(8))
    account_id: Mapped[int | None] = mapped_column(BigInteger)
    # As it was given: a sign-in that failed may name nobody.
    username: Mapped[str | None] = mapped_column(String(64))
    role: Mapped[str | None] = mapped_column(String(16))
    method: Mapped[str] = mapped_column(String(8))
    path: Mapped[str] = mapped_column(String(255))
    endpoint: Mapped[str | None] = mapped_column(String(100))
    status: Mapped[int] = mapped_column(SmallInteger)
    request_ip: Mapped[str] = mapped_column(String(45))
    request_id: Mapped[str] = mapped_column(String(64, collation="ascii_bin"))
    request_body: Mapped[str | None] = mapped_column(Text)
    response_body: Mapped[str | None] = mapped_column(Text)
    duration_ms: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
