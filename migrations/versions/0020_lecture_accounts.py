"""Rules over several lectures: the term in which a lecture counts, and each student's account in it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.columns import TABLE, number, standard

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lecture", number("scope_term", nullable=True))
    op.create_index("ix_lecture_scope", "lecture", ["scope_term", "ends_at"])
    op.create_table(
        "lecture_account",
        *standard(),
        number("student_id"),
        number("term_id"),
        sa.Column("waived", sa.SmallInteger(), nullable=False, server_default=sa.text("0")),
        sa.UniqueConstraint("student_id", "term_id", name="uq_lecture_account_student"),
        **TABLE,
    )


def downgrade() -> None:
    op.drop_table("lecture_account")
    op.drop_index("ix_lecture_scope", "lecture")
    op.drop_column("lecture", "scope_term")
