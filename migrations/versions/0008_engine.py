"""Claims that a fair opening sets aside until they are drawn."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from migrations.columns import TABLE, moment, name, number, standard

revision = "0008"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fair_claim",
        *standard(),
        sa.Column("claim_id", sa.CHAR(36, collation="ascii_bin"), nullable=False),
        name("kind", 16),
        number("opening_id"),
        number("offering_id"),
        number("user_id"),
        moment("admitted_at", nullable=False),
        sa.Column("payload", mysql.LONGBLOB(), nullable=False),
        sa.Column("live", sa.SmallInteger(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.UniqueConstraint("claim_id", name="uq_fair_claim_once"),
        sa.UniqueConstraint("kind", "offering_id", "user_id", "live", name="uq_fair_claim_live"),
        **TABLE,
    )
    op.create_index("ix_fair_claim_waiting", "fair_claim", ["live", "kind", "opening_id"])
    op.create_index("ix_fair_claim_order", "fair_claim", ["kind", "opening_id", "position"])


def downgrade() -> None:
    op.drop_table("fair_claim")
