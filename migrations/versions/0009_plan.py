"""Plans: what a student means to ask for before a round opens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.columns import TABLE, number, standard

revision = "0009"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "selection_plan",
        *standard(),
        number("student_id"),
        number("term_id"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("student_id", "term_id", name="uq_selection_plan_student"),
        **TABLE,
    )
    op.create_table(
        "selection_plan_item",
        *standard(),
        number("plan_id"),
        number("section_id"),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.UniqueConstraint("plan_id", "section_id", name="uq_selection_plan_item_section"),
        sa.Index("ix_selection_plan_item_demand", "section_id"),
        **TABLE,
    )


def downgrade() -> None:
    op.drop_table("selection_plan_item")
    op.drop_table("selection_plan")
