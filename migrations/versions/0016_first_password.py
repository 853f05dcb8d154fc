"""First passwords of accounts that were made in bulk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("first_hash", sa.BINARY(32), nullable=True))


def downgrade() -> None:
    op.drop_column("account", "first_hash")
