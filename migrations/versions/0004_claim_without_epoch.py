"""The epoch of a claim, which nobody ever wrote or read: Redis fences by its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("claim", "epoch")


def downgrade() -> None:
    op.add_column("claim", sa.Column("epoch", sa.BigInteger(), nullable=False, server_default=sa.text("'0'")))
