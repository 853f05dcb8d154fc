"""The last walls: what MariaDB itself refuses, and what it must go on allowing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.catalogue.models import CoursePrerequisite
from app.catalogue.selection_models import SelectionRound, TermCredit
from app.extensions.db import CHECK_VIOLATED, error_number
from tests.functional.catalogue.conftest import Catalogue


def refused(work: Callable[[], Any]) -> int | None:
    """MariaDB's error number."""
    with pytest.raises(DBAPIError) as caught:
        work()
    return error_number(caught.value)


def test_a_pair_is_unique_among_what_is_not_deleted(catalogue: Catalogue) -> None:
    course, first = catalogue.course(), catalogue.course()
    catalogue.needs(course, first)
    with pytest.raises(IntegrityError):
        catalogue.needs(course, first)
    for _ in range(2):
        with catalogue.services.db.transaction() as session:
            session.execute(update(CoursePrerequisite).values(is_deleted=True))
        catalogue.needs(course, first)
    with pytest.raises(IntegrityError):
        catalogue.needs(course, first)


def test_without_the_index_the_pair_stands_twice(catalogue: Catalogue) -> None:
    """The guard turned off: it is the index that refuses, nothing else."""
    drop = "ALTER TABLE course_prerequisite DROP INDEX uq_course_prerequisite_live"
    put_back = "ADD UNIQUE INDEX uq_course_prerequisite_live (course_id, prerequisite_id, live)"
    course, first = catalogue.course(), catalogue.course()
    with catalogue.services.db.engine.connect() as connection:
        connection.execute(text(drop))
        try:
            catalogue.needs(course, first)
            catalogue.needs(course, first)
        finally:
            connection.execute(text("DELETE FROM course_prerequisite"))
            connection.commit()
            connection.execute(text(f"ALTER TABLE course_prerequisite {put_back}"))


def test_no_course_needs_itself(catalogue: Catalogue) -> None:
    course = catalogue.course()
    assert refused(lambda: catalogue.needs(course, course)) == CHECK_VIOLATED


@pytest.mark.parametrize("used", ["-0.5", "28.1"])
def test_nobody_uses_more_credits_than_allowed(catalogue: Catalogue, used: str) -> None:
    credit = catalogue.add(TermCredit, student_id=1, term_id=catalogue.term_id, credit_limit="28.0")

    def spend(amount: str) -> None:
        with catalogue.services.db.transaction() as session:
            session.execute(update(TermCredit).where(TermCredit.id == credit).values(used=amount))

    spend("28.0")
    assert refused(lambda: spend(used)) == CHECK_VIOLATED
    with pytest.raises(IntegrityError):
        catalogue.add(TermCredit, student_id=1, term_id=catalogue.term_id, credit_limit="10.0")


@pytest.mark.parametrize(
    "slot", [{"weekday": 0}, {"weekday": 8}, {"first": 0}, {"first": 5, "last": 4}, {"last": 14}, {"week_mask": 0}]
)
def test_no_meeting_outside_the_week(catalogue: Catalogue, slot: dict[str, int]) -> None:
    section = catalogue.section(catalogue.course())
    values = {"weekday": 1, "first": 3, "last": 4, **slot}
    catalogue.meet(section, 1, 3, 4)
    assert refused(lambda: catalogue.meet(section, **values)) == CHECK_VIOLATED  # type: ignore[arg-type]


def test_no_section_number_twice(catalogue: Catalogue) -> None:
    course = catalogue.course()
    catalogue.section(course, section_no=1, is_deleted=True)
    with pytest.raises(IntegrityError):
        catalogue.section(course, section_no=1)
    catalogue.section(course, section_no=1, term_id=catalogue.past_id)


def test_a_round_closes_after_it_opens(catalogue: Catalogue) -> None:
    assert refused(lambda: catalogue.round(1, 2, 1)) == CHECK_VIOLATED
    early = catalogue.services.clock.now() - timedelta(days=9)
    assert refused(lambda: catalogue.round(1, 1, 2, drop_until=early)) == CHECK_VIOLATED
    catalogue.round(1, 1, 2)
    with pytest.raises(IntegrityError):
        catalogue.round(1, 3, 4)
    with catalogue.services.db.transaction() as session:
        session.execute(update(SelectionRound).values(is_deleted=True))
    catalogue.round(1, 3, 4)
