"""The engine's tables: decisions, seats, the outbox and the epoch."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CHAR, BigInteger, CheckConstraint, Index, Integer, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.dialects.mysql import LONGBLOB
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions.db import TABLE_OPTIONS, Base, UtcDateTime


def _ascii(length: int) -> Any:
    return CHAR(length, collation="ascii_bin")


class ClaimRow(Base):
    """One decision per claim. `active` is 1 while the claim holds a seat or a place in the line, else NULL.

    NULLs do not collide, so uniqueness of (kind, offering, user) holds over live claims only and one can book again.
    """

    __tablename__ = "claim"
    __table_args__ = (
        UniqueConstraint("kind", "offering_id", "user_id", "active", name="uq_claim_live"),
        Index("ix_claim_line", "kind", "offering_id", "state", "pool", "admitted_at", "sequence"),
        Index("ix_claim_mine", "user_id", "admitted_at"),
        TABLE_OPTIONS,
    )

    id: Mapped[str] = mapped_column(_ascii(36), primary_key=True)  # type: ignore[assignment]
    kind: Mapped[str] = mapped_column(String(16, "ascii_bin"))
    action: Mapped[str] = mapped_column(String(8, "ascii_bin"))
    user_id: Mapped[int] = mapped_column(BigInteger)
    offering_id: Mapped[int] = mapped_column(BigInteger)
    pool: Mapped[str] = mapped_column(String(24, "ascii_bin"))
    state: Mapped[str] = mapped_column(String(12, "ascii_bin"))
    active: Mapped[int | None] = mapped_column(SmallInteger)
    version: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(String(40, "ascii_bin"), server_default=text("''"))
    target: Mapped[str] = mapped_column(String(36, "ascii_bin"), server_default=text("''"))
    sequence: Mapped[int] = mapped_column(BigInteger, server_default="0")
    admitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SeatPool(Base):
    """The seats of one pool of one offering. The CHECK is the last wall: no statement can oversell."""

    __tablename__ = "seat_pool"
    __table_args__ = (
        UniqueConstraint("kind", "offering_id", "pool", name="uq_seat_pool_offering"),
        CheckConstraint("taken >= 0 AND taken <= capacity", name="taken"),
        CheckConstraint("waiting >= 0", name="waiting"),
        TABLE_OPTIONS,
    )

    kind: Mapped[str] = mapped_column(String(16, "ascii_bin"))
    offering_id: Mapped[int] = mapped_column(BigInteger)
    pool: Mapped[str] = mapped_column(String(24, "ascii_bin"))
    capacity: Mapped[int] = mapped_column(Integer)
    taken: Mapped[int] = mapped_column(Integer, server_default="0")
    line_capacity: Mapped[int] = mapped_column(Integer, server_default="0")
    waiting: Mapped[int] = mapped_column(Integer, server_default="0")
    version: Mapped[int] = mapped_column(Integer, server_default="1")


class OutboxRow(Base):
    """The effects of one transaction (orjson). `done_at` is NULL until they have been applied at least once."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_open", "done_at", "create_time"),
        Index("ix_outbox_recent", "create_time"),
        TABLE_OPTIONS,
    )

    payload: Mapped[bytes] = mapped_column(LONGBLOB)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SpoolWriteOff(Base):
    """A host that was lost for good: what its spool held until then is void. One row per host, of the last time."""

    __tablename__ = "spool_write_off"
    __table_args__ = (UniqueConstraint("host", name="uq_spool_write_off_host"), TABLE_OPTIONS)

    host: Mapped[str] = mapped_column(String(120, "ascii_bin"))
    written_off_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AdmissionControl(Base):
    """One row (id 1): the fencing epoch of Redis and the global token bucket an operator can change."""

    __tablename__ = "admission_control"

    epoch: Mapped[int] = mapped_column(BigInteger, server_default="0")
    rate: Mapped[int] = mapped_column(Integer, server_default="50000")
    burst: Mapped[int] = mapped_column(Integer, server_default="50000")
