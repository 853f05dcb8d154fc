"""Tables of the catalogue: terms, courses and how they depend on each other, sections and when they meet (S2).

Course codes, categories and credits are the registrar's words; a section's seats are the engine's `seat_pool` rows of
kind "section".
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
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

KIND = "section"


class Term(Versioned, Base):
    """学期. `code` 20261 is the first term of the academic year that begins in 2026; `starts_on` the Monday of week 1.

    `teaching_free_days`: dates (YYYY-MM-DD) without classes, holidays for example.
    """

    __tablename__ = "term"
    __table_args__ = (
        UniqueConstraint("code", name="uq_term_code"),
        CheckConstraint("weeks BETWEEN 1 AND 30", name="weeks"),
        TABLE_OPTIONS,
    )

    code: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(64))
    starts_on: Mapped[date] = mapped_column(Date)
    weeks: Mapped[int] = mapped_column(SmallInteger)
    teaching_free_days: Mapped[list[str]] = mapped_column(JSON)


class Course(Versioned, Base):
    """课程 (scc_course). `category` is its 课程类别, `general_type` its 通识课类型 (empty for the others)."""

    __tablename__ = "course"
    __table_args__ = (
        UniqueConstraint("code", name="uq_course_code"),
        Index("ix_course_list", "is_deleted", "code"),
        Index("ix_course_college", "college_id", "is_deleted", "code"),
        Index("ix_course_general", "general_type", "is_deleted", "code"),
        CheckConstraint("credits >= 0", name="credits"),
        TABLE_OPTIONS,
    )

    code: Mapped[str] = mapped_column(String(10, "ascii_bin"))
    name: Mapped[str] = mapped_column(String(100))
    campus: Mapped[str] = mapped_column(String(20))
    college_id: Mapped[int] = mapped_column(BigInteger)
    category: Mapped[str] = mapped_column(String(20))
    general_type: Mapped[str] = mapped_column(String(20), server_default=text("''"))
    credits: Mapped[Decimal] = mapped_column(Numeric(4, 1))
    is_deleted: Mapped[bool] = mapped_column(Boolean, server_default="0")


class CoursePrerequisite(Deletable, Base):
    """课程依赖 (scc_course_dependence): who takes the course must have passed the prerequisite."""

    __tablename__ = "course_prerequisite"
    __table_args__ = (
        UniqueConstraint("course_id", "prerequisite_id", "live", name="uq_course_prerequisite_live"),
        CheckConstraint("course_id <> prerequisite_id", name="itself"),
        TABLE_OPTIONS,
    )

    course_id: Mapped[int] = mapped_column(BigInteger)
    prerequisite_id: Mapped[int] = mapped_column(BigInteger)


class ProgrammeCourse(Deletable, Versioned, Base):
    """方案内课程 (scc_class_course). `recommended_term` counts a class's terms from 1 to 8."""

    __tablename__ = "programme_course"
    __table_args__ = (
        UniqueConstraint("class_id", "course_id", "live", name="uq_programme_course_live"),
        Index("ix_programme_course_plan", "class_id", "is_deleted", "recommended_term", "course_id", "required"),
        CheckConstraint("recommended_term BETWEEN 1 AND 8", name="recommended_term"),
        TABLE_OPTIONS,
    )

    class_id: Mapped[int] = mapped_column(BigInteger)
    course_id: Mapped[int] = mapped_column(BigInteger)
    recommended_term: Mapped[int] = mapped_column(SmallInteger)
    required: Mapped[bool] = mapped_column(Boolean)


class Section(Base):
    """课程班 (scc_course_class). `teacher_names` is for people to read; `teacher_id` (an account) when one is known."""

    __tablename__ = "section"
    __table_args__ = (
        UniqueConstraint("course_id", "term_id", "section_no", name="uq_section_number"),
        Index("ix_section_list", "term_id", "state", "is_deleted", "course_id", "section_no"),
        Index("ix_section_teacher", "teacher_id", "term_id"),
        CheckConstraint("capacity >= 0 AND waitlist_capacity >= 0", name="capacity"),
        TABLE_OPTIONS,
    )

    course_id: Mapped[int] = mapped_column(BigInteger)
    term_id: Mapped[int] = mapped_column(BigInteger)
    section_no: Mapped[int] = mapped_column(SmallInteger)
    teacher_id: Mapped[int | None] = mapped_column(BigInteger)
    teacher_names: Mapped[str] = mapped_column(String(100))
    language: Mapped[str] = mapped_column(String(20))
    is_mooc: Mapped[bool] = mapped_column(Boolean, server_default="0")
    exam_type: Mapped[str] = mapped_column(String(20))
    exam_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    capacity: Mapped[int] = mapped_column(Integer)
    waitlist_capacity: Mapped[int] = mapped_column(Integer, server_default="0")
    state: Mapped[str] = mapped_column(String(12), server_default="draft")
    frozen: Mapped[bool] = mapped_column(Boolean, server_default="0")
    reserved_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, server_default="1")
    is_deleted: Mapped[bool] = mapped_column(Boolean, server_default="0")
