"""Tables of the university. S2 writes names into its class table; here they hang together by ids.

No foreign keys (S2's rule): app.org keeps the references right.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from sqlalchemy import BigInteger, Boolean, Index, Numeric, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions.db import Base
from app.extensions.versions import Deletable, Versioned


class StudentStatus(StrEnum):
    """S2's student.status, in words."""

    ENROLLED = "enrolled"
    SUSPENDED = "suspended"
    GRADUATED = "graduated"
    WITHDRAWN = "withdrawn"


class Gender(StrEnum):
    UNKNOWN = "unknown"
    MALE = "male"
    FEMALE = "female"


class College(Versioned, Base):
    """学院 (scc_college)."""

    __tablename__ = "college"

    name: Mapped[str] = mapped_column(String(64))
    is_deleted: Mapped[bool] = mapped_column(Boolean, server_default=text("0"))


class Department(Versioned, Base):
    """系 (scc_department)."""

    __tablename__ = "department"
    __table_args__ = (Index("ix_department_college_id", "college_id"), Base.__table_args__)

    college_id: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(64))
    is_deleted: Mapped[bool] = mapped_column(Boolean, server_default=text("0"))


class Major(Versioned, Base):
    """专业 (scc_subject)."""

    __tablename__ = "major"
    __table_args__ = (Index("ix_major_department_id", "department_id"), Base.__table_args__)

    department_id: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(64))
    is_deleted: Mapped[bool] = mapped_column(Boolean, server_default=text("0"))


class SchoolClass(Deletable, Versioned, Base):
    """班级 (scc_class). `grade` is the year of entry (its `year`); `class_no` counts within major and grade."""

    __tablename__ = "school_class"
    __table_args__ = (
        UniqueConstraint("major_id", "grade", "class_no", "live", name="uq_school_class_live"),
        Base.__table_args__,
    )

    major_id: Mapped[int] = mapped_column(BigInteger)
    grade: Mapped[int] = mapped_column(SmallInteger)
    class_no: Mapped[int] = mapped_column(SmallInteger)
    name: Mapped[str] = mapped_column(String(64))
    graduation_credits: Mapped[Decimal] = mapped_column(Numeric(5, 1))


class Student(Versioned, Base):
    """学生 (scc_student). The name, password and login are the account's; no identity-card number is kept."""

    __tablename__ = "student"
    __table_args__ = (
        UniqueConstraint("account_id", name="uq_student_account_id"),
        UniqueConstraint("student_no", name="uq_student_student_no"),
        Index("ix_student_class_id", "class_id"),
        Base.__table_args__,
    )

    account_id: Mapped[int] = mapped_column(BigInteger)
    student_no: Mapped[str] = mapped_column(String(20, collation="ascii_bin"))
    class_id: Mapped[int] = mapped_column(BigInteger)
    gender: Mapped[str] = mapped_column(String(8), server_default=text("'unknown'"))
    email: Mapped[str | None] = mapped_column(String(100))
    phone: Mapped[str | None] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(16), server_default=text("'enrolled'"))
    is_deleted: Mapped[bool] = mapped_column(Boolean, server_default=text("0"))


class Teacher(Versioned, Base):
    """教师. S2 knows teachers by name only (on a course section); feedback and reviews need them as people."""

    __tablename__ = "teacher"
    __table_args__ = (
        UniqueConstraint("account_id", name="uq_teacher_account_id"),
        UniqueConstraint("teacher_no", name="uq_teacher_teacher_no"),
        Index("ix_teacher_college_id", "college_id"),
        Base.__table_args__,
    )

    account_id: Mapped[int] = mapped_column(BigInteger)
    teacher_no: Mapped[str] = mapped_column(String(20, collation="ascii_bin"))
    college_id: Mapped[int] = mapped_column(BigInteger)
    title: Mapped[str] = mapped_column(String(32), server_default=text("''"))
    email: Mapped[str | None] = mapped_column(String(100))
    is_deleted: Mapped[bool] = mapped_column(Boolean, server_default=text("0"))
