"""Tables of what lets somebody in later, not at all, or past a rule. What was taken back stays as deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions.db import TABLE_OPTIONS, Base, UtcDateTime


class TimeTicket(Base):
    """分时段选课: these students may not choose in this round before `not_before`.

    `audience` as of app.org.audience, without a mode; `students`: account ids of persons it names.
    """

    __tablename__ = "time_ticket"
    __table_args__ = (Index("ix_time_ticket_round", "round_id", "is_deleted", "id"), TABLE_OPTIONS)

    round_id: Mapped[int] = mapped_column(BigInteger)
    audience: Mapped[dict[str, Any]] = mapped_column(JSON)
    students: Mapped[list[int]] = mapped_column(JSON)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int] = mapped_column(BigInteger)
    is_deleted: Mapped[bool] = mapped_column(Boolean, server_default="0")


class AccountHold(Base):
    """A student may choose nothing in this term; what is held stays, and may be dropped."""

    __tablename__ = "account_hold"
    __table_args__ = (
        Index("ix_account_hold_student", "student_id", "term_id", "is_deleted"),
        Index("ix_account_hold_list", "term_id", "is_deleted", "id"),
        TABLE_OPTIONS,
    )

    student_id: Mapped[int] = mapped_column(BigInteger)
    term_id: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(255))
    created_by: Mapped[int] = mapped_column(BigInteger)
    is_deleted: Mapped[bool] = mapped_column(Boolean, server_default="0")


class RuleOverride(Base):
    """Some `rules` do not stand against this student in this section (NULL: any section of the course) of this term."""

    __tablename__ = "rule_override"
    __table_args__ = (
        Index("ix_rule_override_course", "course_id", "term_id", "is_deleted"),
        Index("ix_rule_override_list", "term_id", "is_deleted", "id"),
        TABLE_OPTIONS,
    )

    student_id: Mapped[int] = mapped_column(BigInteger)
    term_id: Mapped[int] = mapped_column(BigInteger)
    course_id: Mapped[int] = mapped_column(BigInteger)
    section_id: Mapped[int | None] = mapped_column(BigInteger)
    rules: Mapped[list[str]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(String(255))
    created_by: Mapped[int] = mapped_column(BigInteger)
    is_deleted: Mapped[bool] = mapped_column(Boolean, server_default="0")
