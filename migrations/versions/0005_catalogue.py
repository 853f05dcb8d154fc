"""The catalogue: terms, courses, sections with their meetings, study plans, rounds, and what students bring along (S2)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.columns import TABLE, deleted, moment, name, number, standard, text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _courses()
    _plans()
    _sections()
    _meetings()
    _rounds()
    _students()


def _live() -> sa.Column:  # type: ignore[type-arg]
    """1, or NULL for what is deleted: NULLs do not collide, so uniqueness holds over what is there."""
    rule = sa.Computed("IF(is_deleted, NULL, 1)", persisted=True)
    return sa.Column("live", sa.SmallInteger(), rule, nullable=True)


def _small(column: str) -> sa.Column:  # type: ignore[type-arg]
    return sa.Column(column, sa.SmallInteger(), nullable=False)


def _count(column: str, default: str | None = None) -> sa.Column:  # type: ignore[type-arg]
    server_default = None if default is None else sa.text(f"'{default}'")
    return sa.Column(column, sa.Integer(), nullable=False, server_default=server_default)


def _flag(column: str) -> sa.Column:  # type: ignore[type-arg]
    return sa.Column(column, sa.Boolean(), nullable=False, server_default=sa.text("0"))


def _tenths(column: str, *, nullable: bool = False, default: str | None = None) -> sa.Column:  # type: ignore[type-arg]
    """DECIMAL(4,1): credits and scores."""
    server_default = None if default is None else sa.text(default)
    return sa.Column(column, sa.Numeric(4, 1), nullable=nullable, server_default=server_default)


def _courses() -> None:
    op.create_table(
        "term",
        *standard(),
        _count("code"),
        text("name", 64),
        sa.Column("starts_on", sa.Date(), nullable=False),
        _small("weeks"),
        sa.Column("teaching_free_days", sa.JSON(), nullable=False),
        sa.UniqueConstraint("code", name="uq_term_code"),
        sa.CheckConstraint("weeks BETWEEN 1 AND 30", name="weeks"),
        **TABLE,
    )
    op.create_table(
        "course",
        *standard(),
        name("code", 10),
        text("name", 100),
        text("campus", 20),
        number("college_id"),
        text("category", 20),
        text("general_type", 20, default=""),
        _tenths("credits"),
        deleted(),
        sa.UniqueConstraint("code", name="uq_course_code"),
        sa.Index("ix_course_list", "is_deleted", "code"),
        sa.Index("ix_course_college", "college_id", "is_deleted", "code"),
        sa.Index("ix_course_general", "general_type", "is_deleted", "code"),
        sa.CheckConstraint("credits >= 0", name="credits"),
        **TABLE,
    )


def _plans() -> None:
    op.create_table(
        "course_prerequisite",
        *standard(),
        number("course_id"),
        number("prerequisite_id"),
        deleted(),
        _live(),
        sa.UniqueConstraint("course_id", "prerequisite_id", "live", name="uq_course_prerequisite_live"),
        sa.CheckConstraint("course_id <> prerequisite_id", name="itself"),
        **TABLE,
    )
    plan = ("class_id", "is_deleted", "recommended_term", "course_id", "required")
    op.create_table(
        "programme_course",
        *standard(),
        number("class_id"),
        number("course_id"),
        _small("recommended_term"),
        sa.Column("required", sa.Boolean(), nullable=False),
        deleted(),
        _live(),
        sa.UniqueConstraint("class_id", "course_id", "live", name="uq_programme_course_live"),
        sa.Index("ix_programme_course_plan", *plan),
        sa.CheckConstraint("recommended_term BETWEEN 1 AND 8", name="recommended_term"),
        **TABLE,
    )


def _sections() -> None:
    op.create_table(
        "section",
        *standard(),
        number("course_id"),
        number("term_id"),
        _small("section_no"),
        number("teacher_id", nullable=True),
        text("teacher_names", 100),
        text("language", 20),
        _flag("is_mooc"),
        text("exam_type", 20),
        moment("exam_at"),
        _count("capacity"),
        _count("waitlist_capacity", "0"),
        text("state", 12, default="draft"),
        _flag("frozen"),
        _count("version", "1"),
        deleted(),
        sa.UniqueConstraint("course_id", "term_id", "section_no", name="uq_section_number"),
        sa.Index("ix_section_list", "term_id", "state", "is_deleted", "course_id", "section_no"),
        sa.Index("ix_section_teacher", "teacher_id", "term_id"),
        sa.CheckConstraint("capacity >= 0 AND waitlist_capacity >= 0", name="capacity"),
        **TABLE,
    )


def _meetings() -> None:
    slot = ("weekday", "is_deleted", "first_period", "last_period", "section_id")
    periods = "1 <= first_period AND first_period <= last_period AND last_period <= 13"
    op.create_table(
        "meeting",
        *standard(),
        number("section_id"),
        number("week_mask"),
        _small("weekday"),
        _small("first_period"),
        _small("last_period"),
        text("place", 100),
        deleted(),
        sa.Index("ix_meeting_section", "section_id", "is_deleted"),
        sa.Index("ix_meeting_slot", *slot),
        sa.CheckConstraint("week_mask BETWEEN 1 AND 1073741823", name="week_mask"),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),
        sa.CheckConstraint(periods, name="periods"),
        **TABLE,
    )
    op.create_table(
        "section_restriction",
        *standard(),
        number("course_id"),
        number("section_id", nullable=True),
        text("mode", 8),
        sa.Column("audience", sa.JSON(), nullable=False),
        text("reason", 255, default=""),
        number("created_by"),
        deleted(),
        sa.Index("ix_section_restriction_course", "course_id", "is_deleted"),
        **TABLE,
    )


def _rounds() -> None:
    op.create_table(
        "selection_round",
        *standard(),
        number("term_id"),
        _small("round_no"),
        moment("opens_at", nullable=False),
        moment("closes_at", nullable=False),
        moment("drop_until", nullable=False),
        text("mode", 8, default="fcfs"),
        text("tips", 255, default=""),
        text("state", 12, default="draft"),
        _flag("frozen"),
        _count("version", "1"),
        deleted(),
        _live(),
        sa.UniqueConstraint("term_id", "round_no", "live", name="uq_selection_round_number"),
        sa.CheckConstraint("opens_at < closes_at AND opens_at <= drop_until", name="window"),
        **TABLE,
    )


def _students() -> None:
    op.create_table(
        "completed_course",
        *standard(),
        number("student_id"),
        number("course_id"),
        number("term_id"),
        _tenths("score", nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("student_id", "course_id", "term_id", name="uq_completed_course_once"),
        sa.Index("ix_completed_course_done", "student_id", "passed", "course_id"),
        **TABLE,
    )
    op.create_table(
        "term_credit",
        *standard(),
        number("student_id"),
        number("term_id"),
        _tenths("credit_limit"),
        _tenths("used", default="0.0"),
        sa.UniqueConstraint("student_id", "term_id", name="uq_term_credit_student"),
        sa.CheckConstraint("used >= 0 AND used <= credit_limit", name="used"),
        **TABLE,
    )


def downgrade() -> None:
    for table in (
        "term_credit",
        "completed_course",
        "selection_round",
        "section_restriction",
        "meeting",
        "section",
        "programme_course",
        "course_prerequisite",
        "course",
        "term",
    ):
        op.drop_table(table)
