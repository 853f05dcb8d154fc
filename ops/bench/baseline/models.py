"""The baseline's own two tables, in the same MariaDB."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """Tables of the baseline only."""


class BenchLecture(Base):
    """A lecture and how many of its seats are taken."""

    __tablename__ = "bench_lecture"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    opens_at: Mapped[datetime] = mapped_column(DateTime)
    closes_at: Mapped[datetime] = mapped_column(DateTime)
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(server_default="0")


class BenchBooking(Base):
    """One seat of one student."""

    __tablename__ = "bench_booking"
    __table_args__ = (UniqueConstraint("lecture_id", "student_id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    lecture_id: Mapped[int] = mapped_column(BigInteger)
    student_id: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(DateTime, server_default=text("CURRENT_TIMESTAMP"))
