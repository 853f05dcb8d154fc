"""Seats of an offering that are reserved for somebody."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions.db import TABLE_OPTIONS, Base


class SeatReservation(Base):
    """Seats kept for some colleges, grades or classes (`audience`, app.org.audience): a pool of its own."""

    __tablename__ = "seat_reservation"
    __table_args__ = (UniqueConstraint("kind", "offering_id", "pool", name="uq_seat_reservation_pool"), TABLE_OPTIONS)

    kind: Mapped[str] = mapped_column(String(16, "ascii_bin"))
    offering_id: Mapped[int] = mapped_column(BigInteger)
    pool: Mapped[str] = mapped_column(String(24))
    name: Mapped[str] = mapped_column(String(100))
    seats: Mapped[int] = mapped_column(Integer)
    audience: Mapped[dict[str, Any]] = mapped_column(JSON)
