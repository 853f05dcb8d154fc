"""Accounts, sessions, and the university."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.columns import TABLE, deleted, moment, name, number, standard, text

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _identity()
    _places()
    _people()


def _identity() -> None:
    op.create_table(
        "account",
        *standard(),
        name("username", 64),
        text("display_name", 64),
        text("role", 16),
        text("mobile_phone", 20, nullable=True),
        text("password_hash", 160, nullable=True),
        text("legacy_hash", 32, nullable=True),
        text("legacy_salt", 32, nullable=True),
        text("status", 16, default="active"),
        sa.Column("token_version", sa.Integer(), nullable=False, server_default=sa.text("0")),
        moment("last_login"),
        deleted(),
        sa.UniqueConstraint("username", name="uq_account_username"),
        **TABLE,
    )
    op.create_table(
        "login_session",
        *standard(),
        number("account_id"),
        sa.Column("token_version", sa.Integer(), nullable=False),
        text("address", 45),
        text("user_agent", 200),
        moment("expires_at", nullable=False),
        moment("revoked_at"),
        sa.Index("ix_login_session_account_id", "account_id"),
        **TABLE,
    )
    op.create_table(
        "refresh_token",
        *standard(),
        number("session_id"),
        sa.Column("token_hash", sa.BINARY(32), nullable=False),
        moment("expires_at", nullable=False),
        moment("used_at"),
        sa.UniqueConstraint("token_hash", name="uq_refresh_token_token_hash"),
        sa.Index("ix_refresh_token_session_id", "session_id"),
        **TABLE,
    )


def _places() -> None:
    op.create_table("college", *standard(), text("name", 64), deleted(), **TABLE)
    op.create_table(
        "department",
        *standard(),
        number("college_id"),
        text("name", 64),
        deleted(),
        sa.Index("ix_department_college_id", "college_id"),
        **TABLE,
    )
    op.create_table(
        "major",
        *standard(),
        number("department_id"),
        text("name", 64),
        deleted(),
        sa.Index("ix_major_department_id", "department_id"),
        **TABLE,
    )
    op.create_table(
        "school_class",
        *standard(),
        number("major_id"),
        sa.Column("grade", sa.SmallInteger(), nullable=False),
        sa.Column("class_no", sa.SmallInteger(), nullable=False),
        text("name", 64),
        sa.Column("graduation_credits", sa.Numeric(5, 1), nullable=False),
        deleted(),
        sa.UniqueConstraint("major_id", "grade", "class_no", name="uq_school_class_major_id"),
        **TABLE,
    )


def _people() -> None:
    op.create_table(
        "student",
        *standard(),
        number("account_id"),
        name("student_no", 20),
        number("class_id"),
        text("gender", 8, default="unknown"),
        text("email", 100, nullable=True),
        text("phone", 20, nullable=True),
        text("status", 16, default="enrolled"),
        sa.UniqueConstraint("account_id", name="uq_student_account_id"),
        sa.UniqueConstraint("student_no", name="uq_student_student_no"),
        sa.Index("ix_student_class_id", "class_id"),
        **TABLE,
    )
    op.create_table(
        "teacher",
        *standard(),
        number("account_id"),
        name("teacher_no", 20),
        number("college_id"),
        text("title", 32, default=""),
        text("email", 100, nullable=True),
        deleted(),
        sa.UniqueConstraint("account_id", name="uq_teacher_account_id"),
        sa.UniqueConstraint("teacher_no", name="uq_teacher_teacher_no"),
        sa.Index("ix_teacher_college_id", "college_id"),
        **TABLE,
    )


def downgrade() -> None:
    for table in (
        "teacher",
        "student",
        "school_class",
        "major",
        "department",
        "college",
        "refresh_token",
        "login_session",
        "account",
    ):
        op.drop_table(table)
