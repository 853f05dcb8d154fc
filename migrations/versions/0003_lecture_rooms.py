"""Rooms as rows that can be locked, and the roster's index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.columns import TABLE, standard, text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lecture_room",
        *standard(),
        text("name", 100),
        sa.UniqueConstraint("name", name="uq_lecture_room_name"),
        **TABLE,
    )
    op.create_index("ix_lecture_booking_roster", "lecture_booking", ["lecture_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_lecture_booking_roster", "lecture_booking")
    op.drop_table("lecture_room")
