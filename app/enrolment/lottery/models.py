"""Tables of lottery rounds: wishes, and draws with the file that lets anybody compute them again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.dialects.mysql import LONGBLOB
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions.db import TABLE_OPTIONS, Base, UtcDateTime


class WishList(Base):
    """A student's wishes in a round, as one thing that two tabs may want to change."""

    __tablename__ = "wish_list"
    __table_args__ = (UniqueConstraint("round_id", "student_id", name="uq_wish_list_student"), TABLE_OPTIONS)

    round_id: Mapped[int] = mapped_column(BigInteger)
    student_id: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(Integer)


class WishRow(Base):
    """志愿. `priority` 1 is the first. `state`: open, drawn (to be enrolled), won or lost, with the `reason`; `pool`: where the
    draw found a seat."""

    __tablename__ = "wish"
    __table_args__ = (
        UniqueConstraint("round_id", "student_id", "section_id", name="uq_wish_section"),
        Index("ix_wish_state", "round_id", "state", "id"),
        Index("ix_wish_popular", "round_id", "section_id", "priority", "points"),
        TABLE_OPTIONS,
    )

    round_id: Mapped[int] = mapped_column(BigInteger)
    student_id: Mapped[int] = mapped_column(BigInteger)
    section_id: Mapped[int] = mapped_column(BigInteger)
    priority: Mapped[int] = mapped_column(SmallInteger)
    points: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    state: Mapped[str] = mapped_column(String(12), server_default="open")
    reason: Mapped[str] = mapped_column(String(40, "ascii_bin"), server_default=text("''"))
    pool: Mapped[str] = mapped_column(String(24, "ascii_bin"), server_default="0")


class RoundDraw(Base):
    """抽签. `state`: requested → drawn (the file is fixed) → done. `digest`: SHA-256 of the file."""

    __tablename__ = "round_draw"
    __table_args__ = (
        UniqueConstraint("round_id", name="uq_round_draw_round"),
        Index("ix_round_draw_state", "state"),
        TABLE_OPTIONS,
    )

    round_id: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(12, "ascii_bin"))
    algorithm: Mapped[str] = mapped_column(String(40, "ascii_bin"))
    wishes: Mapped[int] = mapped_column(Integer, server_default="0")
    won: Mapped[int] = mapped_column(Integer, server_default="0")
    digest: Mapped[str | None] = mapped_column(String(64, "ascii_bin"))
    requested_by: Mapped[int] = mapped_column(BigInteger)
    drawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RoundDrawPart(Base):
    """A piece of the draw's file, compressed: a term's wishes are more than one packet takes."""

    __tablename__ = "round_draw_part"
    __table_args__ = (UniqueConstraint("round_id", "part", name="uq_round_draw_part"), TABLE_OPTIONS)

    round_id: Mapped[int] = mapped_column(BigInteger)
    part: Mapped[int] = mapped_column(SmallInteger)
    content: Mapped[bytes] = mapped_column(LONGBLOB)
