"""When a first password was made: it lasts for some time only. Those of before count from now."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("first_at", mysql.DATETIME(fsp=6), nullable=True))
    op.execute("UPDATE account SET first_at = UTC_TIMESTAMP(6) WHERE first_hash IS NOT NULL")


def downgrade() -> None:
    op.drop_column("account", "first_at")
