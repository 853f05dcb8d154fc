"""Claims that a fair opening has set aside: accepted, durable, and not decided before its seconds are over."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CHAR, BigInteger, Index, Integer, SmallInteger, String, UniqueConstraint
from sqlalchemy.dialects.mysql import LONGBLOB
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions.db import TABLE_OPTIONS, Base, UtcDateTime


class FairClaim(Base):
    """One claim, as it came (`payload`). `live` is 1 until it is decided, then NULL: one lot per person and offering.

    `position` is its place in the order of decision, within its opening.
    """

    __tablename__ = "fair_claim"
    __table_args__ = (
        UniqueConstraint("claim_id", name="uq_fair_claim_once"),
        UniqueConstraint("kind", "offering_id", "user_id", "live", name="uq_fair_claim_live"),
        Index("ix_fair_claim_waiting", "live", "kind", "opening_id"),
        Index("ix_fair_claim_order", "kind", "opening_id", "position"),
        TABLE_OPTIONS,
    )

    claim_id: Mapped[str] = mapped_column(CHAR(36, collation="ascii_bin"))
    kind: Mapped[str] = mapped_column(String(16, "ascii_bin"))
    opening_id: Mapped[int] = mapped_column(BigInteger)
    offering_id: Mapped[int] = mapped_column(BigInteger)
    user_id: Mapped[int] = mapped_column(BigInteger)
    admitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    payload: Mapped[bytes] = mapped_column(LONGBLOB)
    live: Mapped[int | None] = mapped_column(SmallInteger)
    position: Mapped[int | None] = mapped_column(Integer)
