"""A worker whose copy of a sheet is a moment old hears of restrictions, overrides and time tickets, and of their end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import gevent
import pytest

from app.admission import sheets
from app.admission.edits import EDITED
from app.auth.models import Account
from app.catalogue.models import KIND
from app.errors import SeatrushError
from tests.functional.enrolment.conftest import Registry
from tests.functional.enrolment.test_permits import restrict, ticket
from tests.functional.enrolment.test_rounds import desk
from tests.functional.lectures.conftest import Desk
from tests.waiting import until

__all__ = ["desk"]

OFFICES = ("restrictions", "overrides", "time-tickets")


@dataclass
class Case:
    """A student, a section, and a permit that decides whether the one may choose the other."""

    registry: Registry
    desk: Desk
    office: str
    student: Account
    course: int
    section: int

    def permit(self) -> str:
        """The office makes it; its id."""
        if self.office == "restrictions":
            made = restrict(self.desk, course_id=str(self.course), grades=[2024])
        elif self.office == "time-tickets":
            made = ticket(self.registry, self.desk, grades=[2024])
        else:
            body = {"username": self.student.username, "rules": ["prerequisite"], "reason": "转专业"}
            made = self.desk.post("/api/manage/overrides", json={**body, "section_id": str(self.section)})
        assert made.status_code == 201, made.json
        return str(made.json["id"])

    def end(self, made: str) -> None:
        path = f"/api/manage/{self.office}/{made}"
        assert self.desk.client.delete(path, headers=self.desk.headers).status_code == 204

    def admitted(self) -> bool:
        """Whether this worker lets the student in."""
        try:
            self.registry.enrol(self.student, self.section)
        except SeatrushError:
            return False
        return True

    def heard(self) -> None:
        """Wait until this worker has heard of something."""
        until(lambda: (KIND, self.section) in self.registry.engine.sheets._edited, "the news")

    def read(self) -> None:
        """This worker reads the sheet as it is now; what it was told before is nothing new then."""
        self.registry.engine.sheets._known.clear()
        self.registry.engine.sheets._edited.clear()
        self.registry.engine.sheets.get(KIND, self.section)


@pytest.fixture(autouse=True)
def _no_copy_gets_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does a busy machine keep a read from being waited for."""
    for name in ("FRESH_S", "OLD_S", "GRACE_S"):
        monkeypatch.setattr(sheets, name, 60.0)


@pytest.fixture
def listening(registry: Registry) -> Iterator[None]:
    """This worker's ear."""
    ear = gevent.spawn(registry.engine.hearing.run)
    until(lambda: registry.services.redis.pubsub_numsub(EDITED)[0][1] > 0, "a listener")
    yield
    ear.kill()


@pytest.fixture(params=OFFICES)
def case(registry: Registry, desk: Desk, request: pytest.FixtureRequest) -> Case:
    needs = (registry.course(),) if request.param == "overrides" else ()
    course = registry.course(needs=needs)
    made = Case(registry, desk, request.param, registry.student(), course, registry.section(course))
    made.read()
    return made


@pytest.mark.usefixtures("listening")
def test_when_it_is_made(case: Case) -> None:
    case.permit()
    case.heard()
    assert case.admitted() is (case.office == "overrides")


@pytest.mark.usefixtures("listening")
def test_when_it_ends(case: Case) -> None:
    made = case.permit()
    case.heard()
    case.read()
    case.end(made)
    case.heard()
    assert case.admitted() is (case.office != "overrides")


def test_untold_the_copy_answers(case: Case) -> None:
    """Nobody listens here."""
    case.permit()
    assert case.admitted() is (case.office != "overrides")
