"""Rounds: their modes and timeline, time tickets, holds, overrides, wishes and draws."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import LONGBLOB

from migrations.columns import TABLE, deleted, moment, name, number, standard, text

revision = "0010"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _modes()
    _timeline()
    _permits()
    _wishes()
    _draws()


def _modes() -> None:
    op.add_column("selection_round", _small("fair_seconds", "0"))
    op.add_column("selection_round", _small("points_limit", "0"))
    op.add_column("selection_round", text("frozen_reason", 255, default=""))
    for secret in ("seed", "commitment", "lot_key"):
        op.add_column("selection_round", sa.Column(secret, sa.String(64, collation="ascii_bin"), nullable=True))
    op.add_column("selection_round", moment("drawn_at"))
    op.add_column("term_credit", sa.Column("waived", sa.Numeric(4, 1), nullable=False, server_default=sa.text("0.0")))
    op.drop_constraint("used", "term_credit", type_="check")
    op.create_check_constraint("used", "term_credit", "used >= 0 AND used <= credit_limit + waived")


def _timeline() -> None:
    op.create_table(
        "round_event",
        *standard(),
        number("round_id"),
        text("action", 24),
        text("reason", 255, default=""),
        sa.Column("detail", sa.JSON(), nullable=False),
        number("account_id"),
        text("username", 64),
        moment("at", nullable=False),
        sa.Index("ix_round_event_timeline", "round_id", "id"),
        **TABLE,
    )


def _permits() -> None:
    op.create_table(
        "time_ticket",
        *standard(),
        number("round_id"),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("students", sa.JSON(), nullable=False),
        moment("not_before", nullable=False),
        number("created_by"),
        deleted(),
        sa.Index("ix_time_ticket_round", "round_id", "is_deleted", "id"),
        **TABLE,
    )
    op.create_table(
        "account_hold",
        *standard(),
        number("student_id"),
        number("term_id"),
        text("reason", 255),
        number("created_by"),
        deleted(),
        sa.Index("ix_account_hold_student", "student_id", "term_id", "is_deleted"),
        sa.Index("ix_account_hold_list", "term_id", "is_deleted", "id"),
        **TABLE,
    )
    op.create_table(
        "rule_override",
        *standard(),
        number("student_id"),
        number("term_id"),
        number("course_id"),
        number("section_id", nullable=True),
        sa.Column("rules", sa.JSON(), nullable=False),
        text("reason", 255),
        number("created_by"),
        deleted(),
        sa.Index("ix_rule_override_course", "course_id", "term_id", "is_deleted"),
        sa.Index("ix_rule_override_list", "term_id", "is_deleted", "id"),
        **TABLE,
    )


def _wishes() -> None:
    op.create_table(
        "wish_list",
        *standard(),
        number("round_id"),
        number("student_id"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("round_id", "student_id", name="uq_wish_list_student"),
        **TABLE,
    )
    op.create_table(
        "wish",
        *standard(),
        number("round_id"),
        number("student_id"),
        number("section_id"),
        _small("priority"),
        _small("points", "0"),
        text("state", 12, default="open"),
        _code("reason", 40),
        sa.UniqueConstraint("round_id", "student_id", "section_id", name="uq_wish_section"),
        sa.Index("ix_wish_state", "round_id", "state", "id"),
        sa.Index("ix_wish_popular", "round_id", "section_id", "priority", "points"),
        **TABLE,
    )


def _draws() -> None:
    op.create_table(
        "round_draw",
        *standard(),
        number("round_id"),
        name("state", 12),
        name("algorithm", 40),
        sa.Column("wishes", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("won", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("digest", sa.String(64, collation="ascii_bin"), nullable=True),
        number("requested_by"),
        moment("drawn_at"),
        sa.UniqueConstraint("round_id", name="uq_round_draw_round"),
        sa.Index("ix_round_draw_state", "state"),
        **TABLE,
    )
    op.create_table(
        "round_draw_part",
        *standard(),
        number("round_id"),
        _small("part"),
        sa.Column("content", LONGBLOB(), nullable=False),
        sa.UniqueConstraint("round_id", "part", name="uq_round_draw_part"),
        **TABLE,
    )


def _small(column: str, default: str | None = None) -> sa.Column:  # type: ignore[type-arg]
    return sa.Column(column, sa.SmallInteger(), nullable=False, server_default=default)


def _code(column: str, length: int) -> sa.Column:  # type: ignore[type-arg]
    return sa.Column(column, sa.String(length, collation="ascii_bin"), nullable=False, server_default=sa.text("''"))


def downgrade() -> None:
    for table in (
        "round_draw_part",
        "round_draw",
        "wish",
        "wish_list",
        "rule_override",
        "account_hold",
        "time_ticket",
        "round_event",
    ):
        op.drop_table(table)
    op.drop_constraint("used", "term_credit", type_="check")
    op.drop_column("term_credit", "waived")
    op.create_check_constraint("used", "term_credit", "used >= 0 AND used <= credit_limit")
    for column in ("drawn_at", "lot_key", "commitment", "seed", "frozen_reason", "points_limit", "fair_seconds"):
        op.drop_column("selection_round", column)
