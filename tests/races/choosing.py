"""Words of the races about sections: what a student asks for, and who sits where in the end."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sqlalchemy import select

from app.catalogue.models import KIND
from app.catalogue.timetable import Slot
from app.enrolment.models import Enrolment
from ops.drills.crowd import Crowd
from ops.drills.sections import EVERY_WEEK
from ops.drills.wishes import Student, Wish
from tests.campus import Campus

MONDAY, LATER_MONDAY = Slot(EVERY_WEEK, 1, 1, 2), Slot(EVERY_WEEK, 1, 2, 3)


def enrols(crowd: Crowd, student: Student, section: int) -> Wish:
    return crowd.wish(student, section, kind=KIND)


def drops(crowd: Crowd, student: Student, section: int) -> Wish:
    return crowd.wish(student, section, "cancel", kind=KIND)


def swaps(crowd: Crowd, student: Student, old: int, new: int) -> Wish:
    return crowd.wish(student, new, "swap", kind=KIND, drops=old)


def send_carts(crowd: Crowd, students: Sequence[Student], *carts: Sequence[int]) -> None:
    """Each student sends all these carts at the same time, each with a key of its own."""
    orders = [crowd.cart(one, cart) for one in students for cart in carts]
    crowd.everyone(partial(crowd.pursue_cart, wishes) for wishes in orders)


def has(campus: Campus, section: int, state: str = "confirmed") -> set[int]:
    """Who sits in the section (or is "waitlisted") by MariaDB."""
    query = select(Enrolment.student_id).where(Enrolment.section_id == section, Enrolment.state == state)
    with campus.services.db.transaction() as session:
        return set(session.scalars(query))


def sections_of(campus: Campus, students: Sequence[Student]) -> dict[int, set[int]]:
    """Student → the sections where they sit, by MariaDB."""
    query = select(Enrolment.student_id, Enrolment.section_id).where(
        Enrolment.student_id.in_([one.id for one in students]), Enrolment.state == "confirmed"
    )
    found: dict[int, set[int]] = {one.id: set() for one in students}
    with campus.services.db.transaction() as session:
        for student, section in session.execute(query):
            found[student].add(section)
    return found
