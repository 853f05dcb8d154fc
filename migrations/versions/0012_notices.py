"""Notices: what is said, to which groups, and who has read it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.columns import TABLE, deleted, moment, name, number, standard, text

revision = "0012"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice",
        *standard(),
        name("scope", 8),
        text("title", 100, default=""),
        text("body", 4000, default=""),
        text("link", 300, nullable=True),
        sa.Column("code", sa.String(32, collation="ascii_bin"), nullable=False, server_default=sa.text("''")),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(120, collation="ascii_bin"), nullable=True),
        number("created_by", nullable=True),
        moment("at", nullable=False),
        deleted(),
        sa.UniqueConstraint("source", name="uq_notice_source"),
        **TABLE,
    )
    op.create_index("ix_notice_list", "notice", ["code", "is_deleted", "id"])
    op.create_table(
        "notice_target",
        *standard(),
        number("notice_id"),
        name("scope", 8),
        number("target"),
        sa.UniqueConstraint("scope", "target", "notice_id", name="uq_notice_target_once"),
        **TABLE,
    )
    op.create_index("ix_notice_target_notice", "notice_target", ["notice_id"])
    op.create_table(
        "notice_read",
        *standard(),
        number("account_id"),
        number("notice_id"),
        moment("read_at", nullable=False),
        sa.UniqueConstraint("account_id", "notice_id", name="uq_notice_read_once"),
        **TABLE,
    )


def downgrade() -> None:
    for table in ("notice_read", "notice_target", "notice"):
        op.drop_table(table)
