"""The admission engine's tables, and lectures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from migrations.columns import TABLE, deleted, moment, name, number, standard, text

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _claims()
    _seats()
    _lectures()
    _bookings()


def _code(column: str, length: int) -> sa.Column:  # type: ignore[type-arg]
    """A machine's word that may be empty."""
    kind = sa.String(length, collation="ascii_bin")
    return sa.Column(column, kind, nullable=False, server_default=sa.text("''"))


def _count(column: str, *, default: int | None = None) -> sa.Column:  # type: ignore[type-arg]
    server_default = None if default is None else sa.text(f"'{default}'")
    return sa.Column(column, sa.Integer(), nullable=False, server_default=server_default)


def _long(column: str, default: int) -> sa.Column:  # type: ignore[type-arg]
    return sa.Column(column, sa.BigInteger(), nullable=False, server_default=sa.text(f"'{default}'"))


def _claims() -> None:
    _, *stamps = standard()
    op.create_table(
        "claim",
        sa.Column("id", sa.CHAR(36, collation="ascii_bin"), primary_key=True),
        *stamps,
        name("kind", 16),
        name("action", 8),
        number("user_id"),
        number("offering_id"),
        name("pool", 24),
        name("state", 12),
        sa.Column("active", sa.SmallInteger(), nullable=True),
        _count("version"),
        _code("reason", 40),
        _code("target", 36),
        _long("sequence", 0),
        _long("epoch", 0),
        moment("admitted_at", nullable=False),
        moment("decided_at", nullable=False),
        sa.UniqueConstraint("kind", "offering_id", "user_id", "active", name="uq_claim_live"),
        sa.Index("ix_claim_line", "kind", "offering_id", "state", "pool", "admitted_at", "sequence"),
        sa.Index("ix_claim_mine", "user_id", "admitted_at"),
        **TABLE,
    )
    op.create_table(
        "outbox",
        *standard(),
        sa.Column("payload", mysql.LONGBLOB(), nullable=False),
        moment("done_at"),
        sa.Index("ix_outbox_open", "done_at", "create_time"),
        sa.Index("ix_outbox_recent", "create_time"),
        **TABLE,
    )


def _seats() -> None:
    op.create_table(
        "seat_pool",
        *standard(),
        name("kind", 16),
        number("offering_id"),
        name("pool", 24),
        _count("capacity"),
        _count("taken", default=0),
        _count("line_capacity", default=0),
        _count("waiting", default=0),
        _count("version", default=1),
        sa.UniqueConstraint("kind", "offering_id", "pool", name="uq_seat_pool_offering"),
        sa.CheckConstraint("taken >= 0 AND taken <= capacity", name="taken"),
        sa.CheckConstraint("waiting >= 0", name="waiting"),
        **TABLE,
    )
    op.create_table(
        "admission_control",
        *standard(),
        _long("epoch", 0),
        _count("rate", default=50000),
        _count("burst", default=50000),
        **TABLE,
    )
    op.execute("INSERT INTO admission_control (id) VALUES (1)")


def _lectures() -> None:
    op.create_table(
        "lecture",
        *standard(),
        text("title", 200),
        text("speaker", 100),
        sa.Column("summary", sa.Text(), nullable=False),
        text("place", 100),
        moment("starts_at", nullable=False),
        moment("ends_at", nullable=False),
        moment("opens_at", nullable=False),
        moment("closes_at", nullable=False),
        text("state", 12, default="published"),
        sa.Column("frozen", sa.Boolean(), nullable=False, server_default=sa.text("0")),
        sa.Column("audience", sa.JSON(), nullable=False),
        _count("capacity"),
        _count("waitlist_capacity", default=0),
        moment("reserved_until"),
        _count("version", default=1),
        number("created_by"),
        deleted(),
        sa.CheckConstraint("opens_at < closes_at", name="window"),
        sa.CheckConstraint("starts_at < ends_at", name="times"),
        sa.Index("ix_lecture_list", "state", "is_deleted", "starts_at", "id"),
        sa.Index("ix_lecture_room", "place", "starts_at"),
        **TABLE,
    )
    op.create_table(
        "lecture_reservation",
        *standard(),
        number("lecture_id"),
        text("pool", 24),
        text("name", 100),
        _count("seats"),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.UniqueConstraint("lecture_id", "pool", name="uq_lecture_reservation_pool"),
        **TABLE,
    )


def _bookings() -> None:
    op.create_table(
        "lecture_booking",
        *standard(),
        number("lecture_id"),
        number("student_id"),
        name("claim_id", 36),
        text("state", 12),
        sa.Column("active", sa.SmallInteger(), nullable=True),
        moment("checked_in_at"),
        number("checked_in_by", nullable=True),
        sa.UniqueConstraint("lecture_id", "student_id", "active", name="uq_lecture_booking_live"),
        sa.UniqueConstraint("claim_id", name="uq_lecture_booking_claim"),
        sa.Index("ix_lecture_booking_student", "student_id", "create_time"),
        **TABLE,
    )


def downgrade() -> None:
    for table in (
        "lecture_booking",
        "lecture_reservation",
        "lecture",
        "admission_control",
        "seat_pool",
        "outbox",
        "claim",
    ):
        op.drop_table(table)
