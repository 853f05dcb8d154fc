"""Imports: jobs, their files in pieces, notes on their rows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from migrations.columns import TABLE, deleted, moment, name, number, standard, text

revision = "0014"
down_revision = "0008"
branch_labels = None
depends_on = None


def _count(column: str) -> sa.Column:  # type: ignore[type-arg]
    return sa.Column(column, sa.Integer(), nullable=False, server_default="0")


def upgrade() -> None:
    op.create_table(
        "import_job",
        *standard(),
        name("kind", 20),
        text("filename", 200),
        sa.Column("size", sa.Integer(), nullable=False),
        text("encoding", 20, nullable=True),
        name("state", 10),
        *map(_count, ("rows", "done", "last_row", "errors", "new_rows", "changed_rows", "same_rows")),
        sa.Column("failure", sa.JSON(), nullable=True),
        number("created_by"),
        moment("at", nullable=False),
        moment("confirmed_at"),
        moment("finished_at"),
        sa.Column("leased_by", sa.String(40, collation="ascii_bin"), nullable=True),
        moment("leased_until"),
        deleted(),
        **TABLE,
    )
    op.create_index("ix_import_job_state", "import_job", ["state", "id"])
    op.create_table(
        "import_piece",
        *standard(),
        number("import_id"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("data", mysql.MEDIUMBLOB(), nullable=False),
        sa.UniqueConstraint("import_id", "number", name="uq_import_piece_number"),
        **TABLE,
    )
    op.create_table(
        "import_note",
        *standard(),
        number("import_id"),
        sa.Column("row", sa.Integer(), nullable=False),
        name("column", 40),
        name("code", 40),
        sa.Column("data", sa.JSON(), nullable=False),
        **TABLE,
    )
    op.create_index("ix_import_note_row", "import_note", ["import_id", "id"])


def downgrade() -> None:
    for table in ("import_note", "import_piece", "import_job"):
        op.drop_table(table)
