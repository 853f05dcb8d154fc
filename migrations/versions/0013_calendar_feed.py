"""The address of a person's calendar feed, as a hash."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.columns import TABLE, moment, number, standard

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_feed",
        *standard(),
        number("account_id"),
        sa.Column("token_hash", sa.BINARY(32), nullable=False),
        moment("issued_at", nullable=False),
        sa.UniqueConstraint("account_id", name="uq_calendar_feed_account"),
        sa.UniqueConstraint("token_hash", name="uq_calendar_feed_token"),
        **TABLE,
    )


def downgrade() -> None:
    op.drop_table("calendar_feed")
