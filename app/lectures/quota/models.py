"""A student's account of lectures in a term."""

from __future__ import annotations

from sqlalchemy import BigInteger, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions.db import TABLE_OPTIONS, Base


class LectureAccount(Base):
    """The row that settle locks before it looks at what the student holds in the term: that is counted from the bookings
    under this lock, so there is no second number that could drift. `waived`: no-shows that a manager has forgiven."""

    __tablename__ = "lecture_account"
    __table_args__ = (UniqueConstraint("student_id", "term_id", name="uq_lecture_account_student"), TABLE_OPTIONS)

    student_id: Mapped[int] = mapped_column(BigInteger)
    term_id: Mapped[int] = mapped_column(BigInteger)
    waived: Mapped[int] = mapped_column(SmallInteger, server_default="0")
