"""Spools that an operator has written off."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.columns import TABLE, moment, name, standard

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "spool_write_off",
        *standard(),
        name("host", 120),
        moment("written_off_at", nullable=False),
        sa.UniqueConstraint("host", name="uq_spool_write_off_host"),
        **TABLE,
    )


def downgrade() -> None:
    op.drop_table("spool_write_off")
