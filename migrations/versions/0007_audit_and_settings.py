"""The request audit log, and the operator settings with their history."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.columns import TABLE, moment, name, number, standard, text

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _request_log()
    _controls()


def _request_log() -> None:
    op.create_table(
        "request_log",
        *standard(),
        text("side", 8),
        number("account_id", nullable=True),
        text("username", 64, nullable=True),
        text("role", 16, nullable=True),
        text("method", 8),
        text("path", 255),
        text("endpoint", 100, nullable=True),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        text("request_ip", 45),
        name("request_id", 64),
        sa.Column("request_body", sa.Text(), nullable=True),
        sa.Column("response_body", sa.Text(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        moment("at", nullable=False),
        **TABLE,
    )
    op.create_index("ix_request_log_account_id_at", "request_log", ["account_id", "at"])
    op.create_index("ix_request_log_at", "request_log", ["at"])
    op.create_index("ix_request_log_request_id", "request_log", ["request_id"])


def _controls() -> None:
    op.create_table(
        "control",
        *standard(),
        name("key", 64),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("key", name="uq_control_key"),
        **TABLE,
    )
    op.create_table(
        "control_history",
        *standard(),
        name("key", 64),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("old", sa.JSON(), nullable=False),
        sa.Column("new", sa.JSON(), nullable=False),
        text("reason", 500),
        number("account_id"),
        text("username", 64),
        moment("at", nullable=False),
        sa.UniqueConstraint("key", "version", name="uq_control_history_key_version"),
        **TABLE,
    )


def downgrade() -> None:
    for table in ("control_history", "control", "request_log"):
        op.drop_table(table)
