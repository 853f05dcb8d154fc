"""Own enrolments: from one question to Redis and the worker's copies, and the same as MariaDB says claim by claim."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, text

from app.admission import lag, sheets
from app.admission.epochs import advance
from app.admission.lag import Lag
from app.auth.models import Account
from app.extensions import copies
from app.extensions.breakers import Breakers
from app.extensions.redis import connect_redis
from app.factory import create_app
from tests.factories import bearer
from tests.functional.enrolment.conftest import MONDAY_1_2, MONDAY_2_3, TUESDAY_1_2, Registry


@dataclass
class Reader:
    """Three workers: one as it is, one that doubts what Redis says, one that cannot ask Redis."""

    registry: Registry
    student: Account
    doubting: FlaskClient
    blind: FlaskClient
    headers: dict[str, str]

    def quick(self, query: str = "", language: str = "zh-CN") -> Any:
        return self._ask(self.registry.client, query, language)

    def agreed(self, *, settled: bool = True) -> dict[int, tuple[str, int | None, bool]]:
        """What all of them say (who cannot ask Redis knows only what is settled): section → (state, position, can_drop).

        Their copies of seats and sheets are of the same moment.
        """
        for worker in (self.registry.client, self.doubting, self.blind):
            worker.application.extensions["seatrush.timetables"]._sections._seats._known.clear()
            worker.application.extensions["seatrush.engine"].sheets._known.clear()
        self.doubting.application.extensions["seatrush.engine"].status._lag = Behind()
        told = self.quick()
        assert told == self._ask(self.doubting)
        if settled:
            assert told == self._ask(self.blind)
        return {int(one["section"]["id"]): (one["state"], one["position"], one["can_drop"]) for one in told["items"]}

    def _ask(self, client: FlaskClient, query: str = "", language: str = "zh-CN") -> Any:
        headers = {**self.headers, "Accept-Language": language}
        response = client.get(f"/api/me/enrolments{query}", headers=headers)
        assert response.status_code == 200, response.json
        return response.json


class Behind(Lag):
    """Effects are late, as far as this worker knows."""

    def __init__(self) -> None:
        """Without anybody to ask."""

    def none(self) -> bool:
        return False


@pytest.fixture
def reader(registry: Registry) -> Reader:
    services = registry.services
    nowhere = replace(services, redis=connect_redis("redis://127.0.0.1:1/0"), breakers=Breakers())
    doubting, blind = create_app(services=services), create_app(services=nowhere)
    student = registry.student("9.5")
    return Reader(registry, student, doubting.test_client(), blind.test_client(), bearer(services, student))


@contextmanager
def counting(registry: Registry) -> Iterator[list[str]]:
    """The statements that MariaDB gets meanwhile."""
    said: list[str] = []

    def note(*about: Any) -> None:
        said.append(about[2])

    engine = registry.services.db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_every_source_says_the_same_on_the_way_of_a_claim(registry: Registry, reader: Reader) -> None:
    student, settle = reader.student, registry.hall.settle
    one, other = registry.section(registry.course("2.5"), MONDAY_1_2), registry.section(None, TUESDAY_1_2)
    full, holder = registry.section(registry.course("3.0"), MONDAY_2_3, capacity=1), registry.student()
    registry.settled(holder, full)
    assert reader.agreed() == {}
    registry.enrol(student, one)
    assert reader.agreed(settled=False) == {one: ("pending", None, True)}
    settle()
    assert reader.agreed() == {one: ("confirmed", None, True)}
    registry.swap(student, one, other)
    assert reader.agreed(settled=False) == {one: ("confirmed", None, False), other: ("pending", None, False)}
    settle()
    assert reader.agreed() == {other: ("confirmed", None, True)}
    registry.enrol(student, full)
    assert reader.agreed(settled=False)[full] == ("pending", None, True)
    settle()
    assert reader.agreed() == {other: ("confirmed", None, True), full: ("waitlisted", 1, True)}
    assert reader.quick()["credits"] == {"limit": 9.5, "used": 2.0, "waiting": 3.0}
    registry.drop(holder, full)
    settle()
    assert reader.agreed() == {other: ("confirmed", None, True), full: ("confirmed", None, True)}
    registry.drop(student, other)
    assert reader.agreed(settled=False)[other] == ("confirmed", None, False)
    settle()
    assert reader.agreed() == {full: ("confirmed", None, True)}
    registry.cancel(full)
    assert reader.agreed() == {full: ("confirmed", None, True)}


def test_a_place_in_the_line_moves_up(registry: Registry, reader: Reader) -> None:
    full, holder, first = registry.section(capacity=1), registry.student(), registry.student()
    for student in (holder, first, reader.student):
        registry.settled(student, full)
    assert reader.agreed() == {full: ("waitlisted", 2, True)}
    registry.drop(first, full)
    registry.hall.settle()
    assert reader.agreed() == {full: ("waitlisted", 1, True)}


def test_mariadb_is_not_asked_for_what_the_worker_knows(
    registry: Registry, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.settled(reader.student, registry.section(None, MONDAY_1_2))
    first, now = reader.quick(), monotonic()
    for module in (lag, sheets, copies):  # all of it in one moment, however slow the machine is
        monkeypatch.setattr(module, "monotonic", lambda: now)
    with counting(registry) as said:
        assert reader.quick() == first
        assert reader.quick(f"?term_id={registry.term}") == first
    assert said == []


def test_who_chooses_is_told_at_once(registry: Registry, reader: Reader) -> None:
    sections = [registry.section() for _ in range(3)]
    for at, section in enumerate(sections, 1):
        registry.enrol(reader.student, section)
        assert len(reader.quick()["items"]) == at


def test_an_edit_is_shown_with_its_sheet(registry: Registry, reader: Reader) -> None:
    section = registry.section(None, MONDAY_1_2)
    registry.settled(reader.student, section)
    (before,) = reader.quick()["items"]
    with registry.services.db.transaction() as session:
        session.execute(text("UPDATE meeting SET place = '教二 202' WHERE section_id = :id"), {"id": section})
    registry.engine.sheets._known.clear()
    (after,) = reader.quick()["items"]
    assert [one["section"]["meetings"][0]["place"] for one in (before, after)] == [f"教一 {section}", "教二 202"]


def test_it_speaks_the_language_of_the_request(registry: Registry, reader: Reader) -> None:
    section = registry.section(None, MONDAY_1_2)
    registry.settled(reader.student, section)
    told = [reader.quick(language=one)["items"][0]["section"] for one in ("zh-CN", "en", "zh-CN")]
    assert [one["meetings"][0]["text"] for one in told] == ["周一 1–2 节", "Mon periods 1–2", "周一 1–2 节"]
    public = registry.client.get(f"/api/sections/{section}", headers={"Accept-Language": "zh-CN"}).json
    for own in ("restrictions", "pools", "reserved_until"):  # of one section by itself
        del public[own]
    assert told[0] == public


@pytest.mark.parametrize("guarded", [True, False])
def test_half_a_rebuild_does_not_show_half_a_timetable(
    registry: Registry, reader: Reader, spoil: Callable[[str], None], guarded: bool
) -> None:
    """Accounts come before offerings: what a person holds is not all there yet."""
    if not guarded:
        spoil("partial")
    section, engine = registry.section(), registry.engine
    registry.settled(reader.student, section)
    engine.store.redis.flushdb()
    engine.store.begin(2, engine.store.run_id(), rate=50_000, burst=50_000, draining=True)
    engine.epochs.fenced(lambda fence: engine.store.open(fence=fence))
    engine.applier._accounts.hand_over_due()
    assert [one["state"] for one in reader.quick()["items"]] == (["confirmed"] if guarded else [])
    engine.loader.load_all()
    engine.epochs.fenced(lambda fence: engine.store.complete(fence=fence))
    assert not engine.store.unfinished()
    assert reader.agreed() == {section: ("confirmed", None, True)}


@pytest.mark.parametrize("guarded", [True, False])
def test_a_redis_of_an_older_epoch_is_not_believed(
    registry: Registry, reader: Reader, spoil: Callable[[str], None], guarded: bool
) -> None:
    """It has not heard of what MariaDB has ended since."""
    if not guarded:
        spoil("mine_fence")
    registry.settled(reader.student, registry.section())
    advance(registry.services.db)
    registry.engine.epochs.learn()
    with registry.services.db.transaction() as session:
        session.execute(text("UPDATE enrolment SET state = 'cancelled', active = NULL"))
    assert [one["state"] for one in reader.quick()["items"]] == ([] if guarded else ["confirmed"])


def test_a_term_that_is_over_comes_from_mariadb(registry: Registry, reader: Reader) -> None:
    section, engine = registry.section(), registry.engine
    registry.settled(reader.student, section)
    registry.move_term(registry.services.clock.now().date() - timedelta(weeks=16))
    # As while the pass "unload" has forgotten the section, and not yet who held it.
    engine.epochs.fenced(lambda fence: engine.store.unload("section", section, fence=fence))
    told = reader.quick(f"?term_id={registry.term}")
    assert [one["state"] for one in told["items"]] == ["confirmed"]
    assert (told["term"]["week"], told["credits"]["used"]) == (None, 2.0)


@pytest.mark.parametrize(
    ("query", "answer"), [("?term_id=x", (422, "invalid_input")), ("?term_id=12345", (404, "term_not_found"))]
)
def test_what_is_no_term(registry: Registry, reader: Reader, query: str, answer: tuple[int, str]) -> None:
    for _ in range(2):
        response = registry.client.get(f"/api/me/enrolments{query}", headers=bearer(registry.services, reader.student))
        assert (response.status_code, response.json["code"]) == answer
