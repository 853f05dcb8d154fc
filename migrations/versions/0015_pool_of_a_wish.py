"""The pool from which a drawn wish gets its seat: sections have reserved ones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("pool", sa.String(24, collation="ascii_bin"), nullable=False, server_default="0")
    op.add_column("wish", column)


def downgrade() -> None:
    op.drop_column("wish", "pool")
