"""Lectures and their bookings; the seats reserved in them are app.seating's."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions.db import TABLE_OPTIONS, Base, UtcDateTime

KIND = "lecture"


class Lecture(Base):
    """One lecture. `version` grows with every edit; `audience` is {mode, colleges, grades, classes} (see app.org.audience).

    `scope_term`: the term in which it counts for rules over several lectures (docs/quota.md), NULL while there are none.
    """

    __tablename__ = "lecture"
    __table_args__ = (
        Index("ix_lecture_list", "state", "is_deleted", "starts_at", "id"),
        Index("ix_lecture_room", "place", "starts_at"),
        Index("ix_lecture_scope", "scope_term", "ends_at"),
        CheckConstraint("opens_at < closes_at", name="window"),
        CheckConstraint("starts_at < ends_at", name="times"),
        TABLE_OPTIONS,
    )

    title: Mapped[str] = mapped_column(String(200))
    speaker: Mapped[str] = mapped_column(String(100))
    summary: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(String(100))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opens_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(12), server_default="published")
    frozen: Mapped[bool] = mapped_column(Boolean, server_default="0")
    audience: Mapped[dict[str, Any]] = mapped_column(JSON)
    capacity: Mapped[int] = mapped_column(Integer)
    waitlist_capacity: Mapped[int] = mapped_column(Integer, server_default="0")
    reserved_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    scope_term: Mapped[int | None] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(Integer, server_default="1")
    created_by: Mapped[int] = mapped_column(BigInteger)
    is_deleted: Mapped[bool] = mapped_column(Boolean, server_default="0")


class LectureRoom(Base):
    """One row per place, to be locked while a lecture is put into it (rooms.take_room)."""

    __tablename__ = "lecture_room"
    __table_args__ = (UniqueConstraint("name", name="uq_lecture_room_name"), TABLE_OPTIONS)

    name: Mapped[str] = mapped_column(String(100))


class LectureBooking(Base):
    """A student's booking (S3's Order table). One live booking per student and lecture: `active` is NULL when over."""

    __tablename__ = "lecture_booking"
    __table_args__ = (
        UniqueConstraint("lecture_id", "student_id", "active", name="uq_lecture_booking_live"),
        UniqueConstraint("claim_id", name="uq_lecture_booking_claim"),
        Index("ix_lecture_booking_roster", "lecture_id", "id"),
        Index("ix_lecture_booking_student", "student_id", "create_time"),
        TABLE_OPTIONS,
    )

    lecture_id: Mapped[int] = mapped_column(BigInteger)
    student_id: Mapped[int] = mapped_column(BigInteger)
    claim_id: Mapped[str] = mapped_column(String(36, "ascii_bin"))
    state: Mapped[str] = mapped_column(String(12))
    active: Mapped[int | None] = mapped_column(SmallInteger)
    checked_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    checked_in_by: Mapped[int | None] = mapped_column(BigInteger)
