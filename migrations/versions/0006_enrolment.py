"""Enrolments: who has which section."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.columns import TABLE, name, number, standard, text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "enrolment",
        *standard(),
        number("student_id"),
        number("section_id"),
        number("course_id"),
        number("term_id"),
        sa.Column("credits", sa.Numeric(4, 1), nullable=False),
        name("claim_id", 36),
        text("state", 12),
        sa.Column("active", sa.SmallInteger(), nullable=True),
        sa.UniqueConstraint("claim_id", name="uq_enrolment_claim"),
        sa.UniqueConstraint("term_id", "student_id", "course_id", "active", name="uq_enrolment_course"),
        sa.Index("ix_enrolment_roster", "section_id", "active", "id"),
        **TABLE,
    )


def downgrade() -> None:
    op.drop_table("enrolment")
