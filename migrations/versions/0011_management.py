"""What management needs: versions of what people edit, permissions per manager, deleted students and classes, and seats
reserved in sections as well as in lectures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.columns import deleted, moment

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_VERSIONED = (
    *("account", "college", "department", "major", "school_class", "student", "teacher"),
    *("term", "course", "programme_course", "term_credit"),
)


def upgrade() -> None:
    for table in _VERSIONED:
        op.add_column(table, sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("account", sa.Column("permissions", sa.JSON(), nullable=True))
    op.add_column("student", deleted())
    op.add_column("section", moment("reserved_until"))
    op.create_index("ix_account_role", "account", ["role", "is_deleted", "username"])
    op.create_index("ix_account_name", "account", ["role", "is_deleted", "display_name"])
    _classes()
    _reservations()


def _classes() -> None:
    """A class that was deleted frees its number."""
    rule = sa.Computed("IF(is_deleted, NULL, 1)", persisted=True)
    op.add_column("school_class", sa.Column("live", sa.SmallInteger(), rule, nullable=True))
    op.create_unique_constraint("uq_school_class_live", "school_class", ["major_id", "grade", "class_no", "live"])
    op.drop_constraint("uq_school_class_major_id", "school_class", type_="unique")


def _reservations() -> None:
    """Lectures and sections reserve seats alike: one table, by kind, as the engine's own."""
    op.rename_table("lecture_reservation", "seat_reservation")
    op.add_column(
        "seat_reservation",
        sa.Column("kind", sa.String(16, collation="ascii_bin"), nullable=False, server_default="lecture"),
    )
    op.alter_column("seat_reservation", "kind", server_default=None, existing_type=sa.String(16, "ascii_bin"))
    op.alter_column(
        "seat_reservation", "lecture_id", new_column_name="offering_id", existing_type=sa.BigInteger(), nullable=False
    )
    op.create_unique_constraint("uq_seat_reservation_pool", "seat_reservation", ["kind", "offering_id", "pool"])
    op.drop_constraint("uq_lecture_reservation_pool", "seat_reservation", type_="unique")


def downgrade() -> None:
    op.execute("DELETE FROM seat_reservation WHERE kind <> 'lecture'")
    op.drop_constraint("uq_seat_reservation_pool", "seat_reservation", type_="unique")
    op.alter_column(
        "seat_reservation", "offering_id", new_column_name="lecture_id", existing_type=sa.BigInteger(), nullable=False
    )
    op.drop_column("seat_reservation", "kind")
    op.create_unique_constraint("uq_lecture_reservation_pool", "seat_reservation", ["lecture_id", "pool"])
    op.rename_table("seat_reservation", "lecture_reservation")
    op.create_unique_constraint("uq_school_class_major_id", "school_class", ["major_id", "grade", "class_no"])
    op.drop_constraint("uq_school_class_live", "school_class", type_="unique")
    op.drop_column("school_class", "live")
    op.drop_index("ix_account_name", "account")
    op.drop_index("ix_account_role", "account")
    op.drop_column("section", "reserved_until")
    op.drop_column("student", "is_deleted")
    op.drop_column("account", "permissions")
    for table in _VERSIONED:
        op.drop_column(table, "version")
