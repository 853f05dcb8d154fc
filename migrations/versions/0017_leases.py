"""Leases of the passes that one host does for all."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.columns import TABLE, moment, name, standard

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

LONG_AGO = "2000-01-01"


def upgrade() -> None:
    table = op.create_table(
        "lease",
        *standard(),
        name("name", 40),
        sa.Column("token", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("holder", sa.String(120, collation="ascii_bin"), nullable=False, server_default=sa.text("''")),
        moment("renewed_at", nullable=False),
        sa.UniqueConstraint("name", name="uq_lease_name"),
        **TABLE,
    )
    names = ("relay", "sweeper", "scheduler")
    op.bulk_insert(table, [{"id": at, "name": one, "renewed_at": LONG_AGO} for at, one in enumerate(names, 1)])


def downgrade() -> None:
    op.drop_table("lease")
