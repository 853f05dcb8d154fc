"""学生选课 (scc_student_course): who has which section, and who means to ask for which."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import BigInteger, Index, Integer, Numeric, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions.db import TABLE_OPTIONS, Base


class Enrolment(Base):
    """One claim that won a seat or a place in the line. `active` is 1 while it holds one, else NULL.

    `credits` are those of the course on the day it was chosen. The second unique key is the rule "one section of a
    course" in the database's own words.
    """

    __tablename__ = "enrolment"
    __table_args__ = (
        UniqueConstraint("claim_id", name="uq_enrolment_claim"),
        UniqueConstraint("term_id", "student_id", "course_id", "active", name="uq_enrolment_course"),
        Index("ix_enrolment_roster", "section_id", "active", "id"),
        TABLE_OPTIONS,
    )

    student_id: Mapped[int] = mapped_column(BigInteger)
    section_id: Mapped[int] = mapped_column(BigInteger)
    course_id: Mapped[int] = mapped_column(BigInteger)
    term_id: Mapped[int] = mapped_column(BigInteger)
    credits: Mapped[Decimal] = mapped_column(Numeric(4, 1))
    claim_id: Mapped[str] = mapped_column(String(36, "ascii_bin"))
    state: Mapped[str] = mapped_column(String(12))
    active: Mapped[int | None] = mapped_column(SmallInteger)


class SelectionPlan(Base):
    """选课计划: what a student means to ask for in a term. `version` grows with every change of its sections."""

    __tablename__ = "selection_plan"
    __table_args__ = (UniqueConstraint("student_id", "term_id", name="uq_selection_plan_student"), TABLE_OPTIONS)

    student_id: Mapped[int] = mapped_column(BigInteger)
    term_id: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(Integer)


class SelectionPlanItem(Base):
    """One section of a plan; the lowest `position` is wanted most."""

    __tablename__ = "selection_plan_item"
    __table_args__ = (
        UniqueConstraint("plan_id", "section_id", name="uq_selection_plan_item_section"),
        Index("ix_selection_plan_item_demand", "section_id"),
        TABLE_OPTIONS,
    )

    plan_id: Mapped[int] = mapped_column(BigInteger)
    section_id: Mapped[int] = mapped_column(BigInteger)
    position: Mapped[int] = mapped_column(SmallInteger)
