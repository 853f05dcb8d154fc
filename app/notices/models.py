"""Tables of notices: one row a notice, one a group it is for, one for whoever has read it.

A notice to all is one notice and one target, however many people there are; who has read it costs a row when he does.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions.db import TABLE_OPTIONS, Base, UtcDateTime


class Scope(StrEnum):
    """Whom a notice is for. `all` is everybody who can sign in, `student` a list of accounts."""

    ALL = "all"
    COLLEGE = "college"
    GRADE = "grade"
    CLASS = "class"
    STUDENT = "student"


class Notice(Base):
    """通知. The office's own has a text; one of the system has a `code` and what its text needs (app.notices.texts).

    `source` is what caused it, once: a second pass over the same outcome finds it there.
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("source", name="uq_notice_source"),
        Index("ix_notice_list", "code", "is_deleted", "id"),
        TABLE_OPTIONS,
    )

    scope: Mapped[str] = mapped_column(String(8, "ascii_bin"))
    title: Mapped[str] = mapped_column(String(100), server_default=text("''"))
    body: Mapped[str] = mapped_column(String(4000), server_default=text("''"))
    link: Mapped[str | None] = mapped_column(String(300))
    code: Mapped[str] = mapped_column(String(32, "ascii_bin"), server_default=text("''"))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    source: Mapped[str | None] = mapped_column(String(120, "ascii_bin"))
    created_by: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    is_deleted: Mapped[bool] = mapped_column(Boolean, server_default="0")


class NoticeTarget(Base):
    """One group a notice is for: the id of a college, class or account, the year of a grade, 0 for all."""

    __tablename__ = "notice_target"
    __table_args__ = (
        UniqueConstraint("scope", "target", "notice_id", name="uq_notice_target_once"),
        Index("ix_notice_target_notice", "notice_id"),
        TABLE_OPTIONS,
    )

    notice_id: Mapped[int] = mapped_column(BigInteger)
    scope: Mapped[str] = mapped_column(String(8, "ascii_bin"))
    target: Mapped[int] = mapped_column(BigInteger)


class NoticeRead(Base):
    """Somebody has read a notice."""

    __tablename__ = "notice_read"
    __table_args__ = (UniqueConstraint("account_id", "notice_id", name="uq_notice_read_once"), TABLE_OPTIONS)

    account_id: Mapped[int] = mapped_column(BigInteger)
    notice_id: Mapped[int] = mapped_column(BigInteger)
    read_at: Mapped[datetime] = mapped_column(UtcDateTime)
