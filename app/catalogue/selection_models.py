"""Rounds of course selection, and what a student brings along: courses finished and credits allowed."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions.db import TABLE_OPTIONS, Base, UtcDateTime
from app.extensions.versions import Deletable, Versioned

_HEX = String(64, "ascii_bin")


class SelectionRound(Deletable, Base):
    """选课轮次 (scc_choose_round). Enrol from `opens_at` to `closes_at`, drop until `drop_until`.

    `mode`: fcfs (first come first served), lottery (志愿) or fair (the first `fair_seconds` shuffled by the seed).
    `commitment` is the SHA-256 of `seed`, which nobody is shown before `drawn_at`; `lot_key` makes the names under which
    students stand in a published draw, and is never shown. `points_limit` 0: wishes count by their order alone.
    """

    __tablename__ = "selection_round"
    __table_args__ = (
        UniqueConstraint("term_id", "round_no", "live", name="uq_selection_round_number"),
        CheckConstraint("opens_at < closes_at AND opens_at <= drop_until", name="window"),
        TABLE_OPTIONS,
    )

    term_id: Mapped[int] = mapped_column(BigInteger)
    round_no: Mapped[int] = mapped_column(SmallInteger)
    opens_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime] = mapped_column(UtcDateTime)
    drop_until: Mapped[datetime] = mapped_column(UtcDateTime)
    mode: Mapped[str] = mapped_column(String(8), server_default="fcfs")
    tips: Mapped[str] = mapped_column(String(255), server_default=text("''"))
    state: Mapped[str] = mapped_column(String(12), server_default="draft")
    frozen: Mapped[bool] = mapped_column(Boolean, server_default="0")
    frozen_reason: Mapped[str] = mapped_column(String(255), server_default=text("''"))
    fair_seconds: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    points_limit: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    seed: Mapped[str | None] = mapped_column(_HEX)
    commitment: Mapped[str | None] = mapped_column(_HEX)
    lot_key: Mapped[str | None] = mapped_column(_HEX)
    drawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, server_default="1")


class CompletedCourse(Base):
    """A course that a student (account id) has finished, passed or not; `score` of 100 when there is one."""

    __tablename__ = "completed_course"
    __table_args__ = (
        UniqueConstraint("student_id", "course_id", "term_id", name="uq_completed_course_once"),
        Index("ix_completed_course_done", "student_id", "passed", "course_id"),
        TABLE_OPTIONS,
    )

    student_id: Mapped[int] = mapped_column(BigInteger)
    course_id: Mapped[int] = mapped_column(BigInteger)
    term_id: Mapped[int] = mapped_column(BigInteger)
    score: Mapped[Decimal | None] = mapped_column(Numeric(4, 1))
    passed: Mapped[bool] = mapped_column(Boolean)


class TermCredit(Versioned, Base):
    """学生学分 (scc_student_credits). The row that settle locks before the offerings; the CHECK is the last wall.

    `waived` are credits beyond the limit for which somebody was given an override.
    """

    __tablename__ = "term_credit"
    __table_args__ = (
        UniqueConstraint("student_id", "term_id", name="uq_term_credit_student"),
        CheckConstraint("used >= 0 AND used <= credit_limit + waived", name="used"),
        TABLE_OPTIONS,
    )

    student_id: Mapped[int] = mapped_column(BigInteger)
    term_id: Mapped[int] = mapped_column(BigInteger)
    credit_limit: Mapped[Decimal] = mapped_column(Numeric(4, 1))
    used: Mapped[Decimal] = mapped_column(Numeric(4, 1), server_default="0.0")
    waived: Mapped[Decimal] = mapped_column(Numeric(4, 1), server_default="0.0")
