"""What must be passed before a course, by a file: no circle, whoever writes beside it."""

from __future__ import annotations

import gevent
import pytest
from sqlalchemy import select, text

from app.admission.models import OutboxRow
from app.admission.outbox import Effects
from app.catalogue.managing.prerequisites import PREREQUISITES
from app.catalogue.models import KIND, Course, CoursePrerequisite, Section
from app.exchange import working
from app.extensions.named_lock import alone
from app.extensions.services import Services
from tests.functional.exchange.conftest import Office

COURSES = "课程代码,课程名称,开课学院,课程类别,学分\r\n" + "".join(
    f"COMP{number},课程{number},计算机学院,专业必修,2\r\n" for number in range(1, 5)
)
HEAD = "课程代码,先修课程代码\r\n"
CHAIN = f"{HEAD}COMP2,COMP1\r\nCOMP3,COMP2\r\n"


@pytest.fixture
def campus(office: Office) -> Office:
    """Four courses."""
    assert office.imported("courses", COURSES)["errors"] == 0
    return office


def needed(campus: Office) -> list[tuple[str, str]]:
    """(course, what it needs), by their codes."""
    codes = {one.id: one.code for one in campus.all(Course)}
    return [(codes[one.course_id], codes[one.prerequisite_id]) for one in campus.all(CoursePrerequisite)]


def test_there_and_back(campus: Office) -> None:
    assert campus.imported("prerequisites", CHAIN)["changes"]["new"] == 2
    assert needed(campus) == [("COMP2", "COMP1"), ("COMP3", "COMP2")]
    back = campus.checked("prerequisites", campus.export("prerequisites"))
    assert (back["errors"], back["changes"]) == (0, {"new": 0, "changed": 0, "same": 2})


def test_circles_are_refused(campus: Office) -> None:
    """Of one course, of rows of the same file, and with what is there."""
    campus.imported("prerequisites", CHAIN)
    data = f"{HEAD}COMP4,COMP4\r\nCOMP1,COMP3\r\nCOMP1,COMP4\r\nCOMP4,COMP2\r\nCOMP9,COMP1\r\n"
    wrong = [
        (2, "prerequisite_code", "prerequisite_cycle"),
        (3, "prerequisite_code", "prerequisite_cycle"),
        (5, "prerequisite_code", "prerequisite_cycle"),
        (6, "course_code", "unknown"),
    ]
    assert campus.codes(campus.checked("prerequisites", data)) == wrong
    assert campus.codes(campus.imported("prerequisites", data, skip_errors=True)) == wrong
    assert needed(campus)[2:] == [("COMP1", "COMP4")]


def test_sections_hear_of_it(campus: Office, services: Services) -> None:
    course = campus.all(Course)[1]
    with services.db.transaction() as session:
        session.execute(OutboxRow.__table__.delete())
        session.add(
            Section(
                id=7, course_id=course.id, term_id=1, section_no=1, teacher_names="李老师", language="zh",
                exam_type="exam", capacity=1, waitlist_capacity=0, state="published",
            )
        )  # fmt: skip
    campus.imported("prerequisites", CHAIN)
    with services.db.transaction() as session:
        (payload,) = session.scalars(select(OutboxRow.payload))
    assert list(Effects.from_bytes(payload).offerings) == [(KIND, 7)]
    assert campus.all(Course)[1].version == course.version + 1


@pytest.mark.parametrize("guarded", [True, False])
def test_an_edit_beside_the_file(
    campus: Office, services: Services, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Somebody makes COMP1 need COMP2 while the file says the opposite: without the lock both are written."""
    if not guarded:
        monkeypatch.setattr(working, "ALONE", {})
    job = campus.checked("prerequisites", f"{HEAD}COMP2,COMP1\r\n")
    campus.confirm(job["id"])
    first, second, *_ = campus.all(Course)
    with alone(services.db, PREREQUISITES):
        writing = gevent.spawn(campus.importer.work)
        if guarded:
            _waits(services)
        else:
            writing.get(timeout=20)
        with services.db.transaction() as session:
            session.add(CoursePrerequisite(id=1, course_id=first.id, prerequisite_id=second.id))
    writing.get(timeout=20)
    circle = [("COMP1", "COMP2"), ("COMP2", "COMP1")]
    assert needed(campus) == (circle[:1] if guarded else circle)
    assert campus.codes(campus.get(job["id"])) == ([(2, "prerequisite_code", "prerequisite_cycle")] if guarded else [])


def _waits(services: Services) -> None:
    """Until somebody waits for a named lock."""
    query = text("SELECT COUNT(*) FROM information_schema.processlist WHERE state = 'User lock'")
    with gevent.Timeout(10):
        while True:
            with services.db.transaction() as session:
                if session.scalar(query):
                    return
            gevent.sleep(0.02)
