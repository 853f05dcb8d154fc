"""When and where sections meet, and who may not take them: what hangs on a section or course."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, CheckConstraint, Index, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions.db import TABLE_OPTIONS, Base


class Meeting(Base):
    """课程时间地点 (scc_course_timeplace). Bit 0 of `week_mask` is week 1; weekday 1 is Monday; periods count from 1."""

    __tablename__ = "meeting"
    __table_args__ = (
        Index("ix_meeting_section", "section_id", "is_deleted"),
        Index("ix_meeting_slot", "weekday", "is_deleted", "first_period", "last_period", "section_id"),
        CheckConstraint("week_mask BETWEEN 1 AND 1073741823", name="week_mask"),
        CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),
        CheckConstraint("1 <= first_period AND first_period <= last_period AND last_period <= 13", name="periods"),
        TABLE_OPTIONS,
    )

    section_id: Mapped[int] = mapped_column(BigInteger)
    week_mask: Mapped[int] = mapped_column(BigInteger)
    weekday: Mapped[int] = mapped_column(SmallInteger)
    first_period: Mapped[int] = mapped_column(SmallInteger)
    last_period: Mapped[int] = mapped_column(SmallInteger)
    place: Mapped[str] = mapped_column(String(100))
    is_deleted: Mapped[bool] = mapped_column(Boolean, server_default="0")


class SectionRestriction(Base):
    """课程紧急设置 (scc_course_emergency), 禁选: only these students, or all but these (`audience`, app.org.audience).

    `section_id` NULL means the whole course.
    """

    __tablename__ = "section_restriction"
    __table_args__ = (Index("ix_section_restriction_course", "course_id", "is_deleted"), TABLE_OPTIONS)

    course_id: Mapped[int] = mapped_column(BigInteger)
    section_id: Mapped[int | None] = mapped_column(BigInteger)
    mode: Mapped[str] = mapped_column(String(8))
    audience: Mapped[dict[str, Any]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(String(255), server_default=text("''"))
    created_by: Mapped[int] = mapped_column(BigInteger)
    is_deleted: Mapped[bool] = mapped_column(Boolean, server_default="0")
