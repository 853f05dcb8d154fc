"""A lottery round from the first wish to the enrolments: Redis, MariaDB, outbox, wishes and the published file agree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import gevent
import orjson
import pytest
from sqlalchemy import text

from app.admission.claims import Standing
from app.admission.models import OutboxRow
from app.auth.models import Account
from app.auth.permissions import Role
from app.enrolment.lottery import deciding, wishes
from app.enrolment.lottery.deciding import draw_requested
from app.enrolment.lottery.drawing import draw
from app.enrolment.lottery.verifying import faults_of
from app.enrolment.lottery.wishes import lot_of
from app.extensions.redis import RedisError
from tests.factories import bearer, make_account, make_place
from tests.functional.enrolment.conftest import MONDAY_1_2, MONDAY_2_3, TUESDAY_1_2, Registry
from tests.functional.enrolment.test_judging import reasons, unseen
from tests.functional.lectures.conftest import Desk, desk_of


@dataclass
class Lottery:
    """A lottery round of `registry`'s term that is open, and whoever wishes in it."""

    registry: Registry
    desk: Desk
    id: str = ""
    closes: Any = None

    def open(self, **fields: Any) -> None:
        registry, now = self.registry, self.registry.services.clock.now()
        registry.close_round(now - timedelta(seconds=10))
        self.closes = now + timedelta(minutes=5)
        body = {
            "term_id": str(registry.term),
            "round_no": 2,
            "mode": "lottery",
            "opens_at": (now - timedelta(seconds=9)).isoformat(),
            "closes_at": self.closes.isoformat(),
            "drop_until": (now + timedelta(hours=9)).isoformat(),
            "state": "published",
            **fields,
        }
        made = self.desk.post("/api/manage/rounds", json=body)
        assert made.status_code == 201, made.json
        self.id = made.json["id"]

    def put(self, student: Account, *sections: int | tuple[int, int], version: int = 0) -> Any:
        listed = [one if isinstance(one, tuple) else (one, 0) for one in sections]
        body = {"wishes": [{"section_id": str(one), "points": points} for one, points in listed], "version": version}
        headers = bearer(self.registry.services, student)
        return self.registry.client.put(f"/api/rounds/{self.id}/wishes", headers=headers, json=body)

    def told(self, student: Account) -> list[str]:
        """What the student reads of each wish: its state, or why it was lost."""
        headers = bearer(self.registry.services, student)
        found = self.registry.client.get(f"/api/rounds/{self.id}/wishes", headers=headers).json["wishes"]
        return [one["reason"] or one["state"] for one in found]

    def close(self) -> None:
        """Five minutes are over: for the application's clock, and in the rows for those of the servers."""
        self.registry.services.clock.advance(301)  # type: ignore[attr-defined]

    def draw(self) -> None:
        self.close()
        answer = self.desk.post(f"/api/manage/rounds/{self.id}/draw")
        assert answer.status_code == 202, answer.json
        draw_requested(self.registry.services, self.registry.engine)

    def file(self) -> dict[str, Any]:
        answer = self.registry.client.get(f"/api/rounds/{self.id}/draw.json")
        assert answer.status_code == 200, answer.json
        found: dict[str, Any] = orjson.loads(answer.data)
        return found


@pytest.fixture
def lottery(registry: Registry) -> Lottery:
    desk = desk_of(registry.client, registry.services, make_account(registry.services, Role.MANAGER))
    made = Lottery(registry, desk)
    made.open()
    return made


def test_from_wishes_to_enrolments(lottery: Lottery) -> None:
    registry = lottery.registry
    scarce, wide = registry.section(registry.course("2.5"), MONDAY_1_2, capacity=2), registry.section(capacity=50)
    students = [registry.student() for _ in range(5)]
    for student in students:
        assert lottery.put(student, scarce, wide).json["version"] == 1
    lottery.draw()
    told = [lottery.told(student) for student in students]
    assert sorted(one[0] for one in told) == ["not_drawn"] * 3 + ["won"] * 2
    assert {one[1] for one in told} == {"won"}
    for student, (first, _) in zip(students, told, strict=True):
        won = {scarce, wide} if first == "won" else {wide}
        assert registry.holds(student) == dict.fromkeys(won, "confirmed")
        assert registry.account(student) == dict.fromkeys(won, "seat")
        assert registry.used(student) == (Decimal("4.5") if first == "won" else Decimal("2.0"))
    seats = registry.engine.epochs.fenced(
        lambda fence: registry.engine.store.seats("section", [scarce, wide], fence=fence)
    )
    assert [one["0"][0] for one in seats] == [0, 45]
    summary = registry.client.get(f"/api/rounds/{lottery.id}/draw").json
    assert (summary["state"], summary["wishes"], summary["won"]) == ("done", 10, 7)
    with registry.services.db.transaction() as session:
        assert not session.query(OutboxRow).where(OutboxRow.done_at.is_(None)).count()
    assert registry.engine.reconciler.differences() == []


def test_the_file_can_be_computed_again_by_anybody(lottery: Lottery) -> None:
    registry = lottery.registry
    sections = [registry.section(capacity=1) for _ in range(3)]
    students = [registry.student() for _ in range(6)]
    for at, student in enumerate(students):
        lottery.put(student, *(sections[at % 3 :] + sections[: at % 3]))
    committed = registry.client.get(f"/api/rounds/{lottery.id}/draw").json
    assert (committed["state"], committed["seed"], committed["export_url"]) == ("none", None, None)
    assert registry.client.get(f"/api/rounds/{lottery.id}/draw.json").json["code"] == "draw_not_found"
    lottery.draw()
    file = lottery.file()
    assert faults_of(file) == []
    assert file["commitment"] == committed["commitment"]
    with registry.services.db.transaction() as session:
        one = session.get_one(deciding.SelectionRound, int(lottery.id))
    for student in students:
        mine = ["won" if told == "won" else "not_drawn" for told in lottery.told(student)]
        assert file["results"][lot_of(one, student.id)] == mine
    raw = registry.client.get(f"/api/rounds/{lottery.id}/draw.json").text
    assert not any(str(student.id) in raw or student.username in raw for student in students)


def test_reserved_seats_are_drawn_for_those_they_are_for(
    registry: Registry, lottery: Lottery, monkeypatch: Any
) -> None:
    """In the pool that the draw found: who may have either is settled first, and would take the other's only one."""
    monkeypatch.setattr(deciding, "AT_ONCE", 1)
    lottery.desk.post(f"/api/manage/rounds/{lottery.id}/freeze", json={"reason": "x"})
    with registry.services.db.transaction() as session:
        session.execute(text("UPDATE selection_round SET points_limit = 10, frozen = 0 WHERE round_no = 2"))
    place = make_place(registry.services)
    reserved = [(1, {"grades": [2024]}), (1, {"colleges": [str(place.college_id)]})]
    section = registry.section(None, MONDAY_1_2, capacity=2, reserved=reserved)
    both, ours = registry.student(place=place), registry.student()
    stranger = registry.student(place=make_place(registry.services, grade=2025))
    for student, points in ((both, 1), (ours, 2), (stranger, 3)):
        assert lottery.put(student, (section, points)).status_code == 200
    lottery.draw()
    assert [lottery.told(one) for one in (both, ours, stranger)] == [["won"], ["won"], ["not_drawn"]]
    assert faults_of(lottery.file()) == []
    [told] = lottery.file()["sections"]
    assert (told["seats"], told["reserved"]) == (0, {"r1": 1, "r2": 1})
    assert [registry.seats(section, pool)[0] for pool in ("r1", "r2", "0")] == [(0, 0)] * 3
    assert registry.engine.reconciler.differences() == []


def test_what_stands_against_a_wish_is_told_to_its_owner_alone(lottery: Lottery) -> None:
    registry = lottery.registry
    closed, basics = registry.course(), registry.course()
    registry.restrict(closed, "except", grades=[2024])
    held = registry.section(None, MONDAY_1_2)
    gone = registry.section()
    cases = {
        "restricted": registry.section(closed),
        "prerequisite_missing": registry.section(registry.course(needs=(basics,))),
        "timetable_clash": registry.section(None, MONDAY_2_3),
        "credit_limit": registry.section(registry.course("9.0")),
        "not_published": gone,
        "won": registry.section(None, TUESDAY_1_2),
    }
    student = registry.student("6.0")
    registry.hall.settle([unseen_in_time(registry, student, held)])
    assert lottery.put(student, *cases.values()).status_code == 200
    with registry.services.db.transaction() as session:
        session.execute(text("UPDATE section SET state = 'cancelled' WHERE id = :id"), {"id": gone})
    lottery.draw()
    assert lottery.told(student) == list(cases)
    [told] = lottery.file()["results"].values()
    assert told == ["excluded"] * 4 + ["won"]


def unseen_in_time(registry: Registry, student: Account, section: int) -> Any:
    """A claim of the round before."""
    return unseen(registry, student, section, -60_000)


def test_wishes_against_each_other(lottery: Lottery) -> None:
    registry, course = lottery.registry, lottery.registry.course("2.0")
    student = registry.student("5.0")
    listed = [
        registry.section(course, MONDAY_1_2),
        registry.section(course, TUESDAY_1_2),
        registry.section(None, MONDAY_2_3),
        registry.section(registry.course("3.5")),
        registry.section(registry.course("3.0")),
    ]
    lottery.put(student, *listed)
    lottery.draw()
    assert lottery.told(student) == ["won", "duplicate_course", "timetable_clash", "credit_limit", "won"]
    assert registry.used(student) == Decimal("5.0")


def test_points_decide(registry: Registry, lottery: Lottery) -> None:
    lottery.desk.post(f"/api/manage/rounds/{lottery.id}/freeze", json={"reason": "x"})
    with registry.services.db.transaction() as session:
        session.execute(text("UPDATE selection_round SET points_limit = 10, frozen = 0 WHERE round_no = 2"))
    section, other = registry.section(capacity=1), registry.section()
    eager, mild = registry.student(), registry.student()
    over = lottery.put(mild, (other, 6), (section, 5))
    assert (over.status_code, over.json["code"], over.json["points"]) == (422, "points_over_limit", 11)
    lottery.put(mild, (section, 4), (other, 6))
    lottery.put(eager, (other, 2), (section, 8))
    lottery.draw()
    assert (lottery.told(eager), lottery.told(mild)) == (["won", "won"], ["not_drawn", "won"])


def test_an_override_counts_in_the_order_of_the_draw(lottery: Lottery) -> None:
    """The second wish passes the limit only after the first has used it: settled the other way round, both would not."""
    registry = lottery.registry
    student = registry.student("3.0")
    plain, lifted = registry.section(registry.course("3.0")), registry.section(registry.course("2.0"))
    body = {"username": student.username, "section_id": str(lifted), "rules": ["credit_limit"], "reason": "x"}
    assert lottery.desk.post("/api/manage/overrides", json=body).status_code == 201
    lottery.put(student, plain, lifted)
    lottery.draw()
    assert lottery.told(student) == ["won", "won"]
    assert registry.used(student) == Decimal("5.0")


@pytest.mark.parametrize(
    "where", ["before the file", "after the file", "between batches", "before redis", "at the end"]
)
def test_a_draw_that_crashed_goes_on_and_comes_to_the_same(lottery: Lottery, where: str, monkeypatch: Any) -> None:
    registry = lottery.registry
    sections = [registry.section(capacity=2) for _ in range(2)]
    students = [registry.student() for _ in range(7)]
    for student in students:
        lottery.put(student, *sections)
    lottery.close()
    lottery.desk.post(f"/api/manage/rounds/{lottery.id}/draw")
    monkeypatch.setattr(deciding, "AT_ONCE", 2)
    with monkeypatch.context() as broken:
        _break(broken, where)
        with pytest.raises(RuntimeError):
            draw_requested(registry.services, registry.engine)
    assert "won" not in "".join(map(str, lottery.told(students[0]))) or where != "before the file"
    draw_requested(registry.services, registry.engine)
    draw_requested(registry.services, registry.engine)  # nothing is left to do
    file = lottery.file()
    assert draw(file) == file["results"]
    told = sorted(one for student in students for one in lottery.told(student))
    assert told == ["not_drawn"] * 10 + ["won"] * 4
    with registry.services.db.transaction() as session:
        assert session.scalar(text("SELECT SUM(taken) FROM seat_pool")) == 4
        assert session.scalar(text("SELECT COUNT(*) FROM claim WHERE state = 'confirmed'")) == 4
    for student in students:
        states = dict.fromkeys(registry.account(student), "confirmed")
        assert registry.holds(student) == states or where == "before redis"
    registry.services.clock.advance(60)  # type: ignore[attr-defined]
    registry.engine.keeper.relay()
    assert registry.engine.reconciler.differences() == []


def _break(broken: Any, where: str) -> None:
    def crash(*_: Any, **__: Any) -> Any:
        raise RuntimeError(where)

    if where == "before the file":
        broken.setattr(deciding, "_write", crash)
    elif where == "after the file":
        broken.setattr(deciding, "_enrol_some", crash)
    elif where == "between batches":
        whole, calls = deciding._enrol_some, iter(range(100))
        broken.setattr(deciding, "_enrol_some", lambda *args: whole(*args) if next(calls) < 1 else crash())
    elif where == "before redis":
        broken.setattr(deciding, "tell", crash)
    else:
        broken.setattr(deciding, "_finish", crash)


def test_two_keepers_draw_one_draw(lottery: Lottery) -> None:
    registry = lottery.registry
    sections, students = [registry.section(capacity=2) for _ in range(2)], [registry.student() for _ in range(8)]
    for student in students:
        lottery.put(student, *sections)
    lottery.close()
    lottery.desk.post(f"/api/manage/rounds/{lottery.id}/draw")
    both = [gevent.spawn(draw_requested, registry.services, registry.engine) for _ in range(2)]
    gevent.joinall(both, raise_error=True, timeout=60)
    assert sorted(one for student in students for one in lottery.told(student)) == ["not_drawn"] * 12 + ["won"] * 4
    actions = [one["action"] for one in lottery.desk.get(f"/api/manage/rounds/{lottery.id}/timeline").json["items"]]
    assert actions.count("drawn") == 1
    assert faults_of(lottery.file()) == []
    assert registry.engine.reconciler.differences() == []


def test_who_loses_the_seat_between_draw_and_settle_is_told_so(lottery: Lottery, monkeypatch: Any) -> None:
    """The file says "won"; the truth is settle's, and the wish says it."""
    registry, section = lottery.registry, lottery.registry.section(capacity=1)
    student = registry.student()
    lottery.put(student, section)
    whole = deciding._write

    def then_close_it(session: Any, *args: Any) -> None:
        whole(session, *args)
        session.execute(text("UPDATE seat_pool SET capacity = 0 WHERE offering_id = :id"), {"id": section})

    monkeypatch.setattr(deciding, "_write", then_close_it)
    lottery.draw()
    assert lottery.told(student) == ["sold_out"]
    assert registry.holds(student) == {}


def test_nobody_enrols_by_saying_that_he_was_drawn(lottery: Lottery) -> None:
    registry, section = lottery.registry, lottery.registry.section()
    student = registry.student()
    lottery.put(student, section)  # wished for, and not drawn
    at = int(lottery.closes.timestamp() * 1000) - 1
    claim = wishes.WishRow(round_id=int(lottery.id), student_id=student.id, section_id=section)
    assert reasons(registry, deciding.drawn_claim(claim, at, 1)) == ["not_drawn"]


def test_when_wishes_can_be_handed_in(lottery: Lottery) -> None:
    registry, section = lottery.registry, lottery.registry.section()
    student, late, held = (registry.student() for _ in range(3))
    not_before = (registry.services.clock.now() + timedelta(minutes=2)).isoformat()
    body = {"round_id": lottery.id, "students": [late.username], "not_before": not_before}
    assert lottery.desk.post("/api/manage/time-tickets", json=body).status_code == 201
    lottery.desk.post(
        "/api/manage/holds", json={"username": held.username, "term_id": str(registry.term), "reason": "x"}
    )
    assert lottery.put(late, section).json["code"] == "not_open"
    assert lottery.put(held, section).json["code"] == "on_hold"
    assert lottery.put(student, section, section).status_code == 422
    assert lottery.put(student, 12345).json["code"] == "section_not_found"
    assert lottery.put(student, section).json["version"] == 1
    stale = lottery.put(student, section)
    assert (stale.status_code, stale.json["code"], stale.json["version"]) == (409, "conflict", 1)
    assert lottery.put(student, version=1).json["wishes"] == []
    lottery.desk.post(f"/api/manage/rounds/{lottery.id}/freeze", json={"reason": "x"})
    assert lottery.put(student, section, version=2).json["code"] == "frozen"
    lottery.desk.post(f"/api/manage/rounds/{lottery.id}/resume", json={"reason": "x"})
    early = lottery.desk.post(f"/api/manage/rounds/{lottery.id}/draw")
    assert (early.status_code, early.json["code"]) == (409, "round_not_closed")
    lottery.close()
    assert lottery.put(student, section, version=2).json["code"] == "closed"


def test_a_drawn_round_stays_as_it_is(lottery: Lottery) -> None:
    registry = lottery.registry
    lottery.put(registry.student(), registry.section())
    lottery.draw()
    later = (registry.services.clock.now() + timedelta(hours=1)).isoformat()
    longer = lottery.desk.post(f"/api/manage/rounds/{lottery.id}/extend", json={"closes_at": later, "reason": "x"})
    assert (longer.status_code, longer.json["code"]) == (409, "round_state")
    again = lottery.desk.post(f"/api/manage/rounds/{lottery.id}/draw")
    assert (again.status_code, again.json["state"]) == (202, "done")
    actions = [one["action"] for one in lottery.desk.get(f"/api/manage/rounds/{lottery.id}/timeline").json["items"]]
    assert actions.count("drawn") == actions.count("draw_requested") == 1


def test_a_draw_waits_for_whoever_is_handing_in(lottery: Lottery) -> None:
    """The list that was checked in time is in the draw, however late it commits."""
    registry, db = lottery.registry, lottery.registry.services.db
    student, section = registry.student(), registry.section()
    with db.transaction() as session:
        wishes._lottery(session, int(lottery.id), open_for=(registry.services, wishes_actor(registry, student)))
        lottery.close()
        asked = gevent.spawn(lottery.desk.post, f"/api/manage/rounds/{lottery.id}/draw")
        gevent.sleep(0.3)
        assert not asked.ready()
        one = session.get_one(deciding.SelectionRound, int(lottery.id))
        wishes._replace(session, registry.services, one, student.id, [wishes.Wish(section)])
    assert asked.get(timeout=30).status_code == 202
    draw_requested(registry.services, registry.engine)
    assert lottery.told(student) == ["won"]


def wishes_actor(registry: Registry, student: Account) -> Any:
    from tests.factories import actor_for

    return actor_for(registry.services, student)


def test_an_fcfs_round_has_no_wishes(registry: Registry, lottery: Lottery) -> None:
    with registry.services.db.transaction() as session:
        first = session.scalar(text("SELECT id FROM selection_round WHERE round_no = 1"))
    headers = bearer(registry.services, registry.student())
    assert registry.client.get(f"/api/rounds/{first}/wishes", headers=headers).json["code"] == "not_a_lottery"
    assert registry.client.get(f"/api/rounds/{first}/draw").json["code"] == "not_a_lottery"
    assert registry.client.get("/api/rounds/12345/draw").json["code"] == "round_not_found"


def test_redis_may_be_away_during_a_draw(lottery: Lottery, monkeypatch: Any) -> None:
    registry, section = lottery.registry, lottery.registry.section(capacity=1)
    student = registry.student()
    lottery.put(student, section)

    def away(*_: Any, **__: Any) -> Any:
        raise RedisError("gone")

    with monkeypatch.context() as broken:
        broken.setattr(registry.engine.store, "apply", away)
        lottery.draw()
    assert lottery.told(student) == ["won"]
    assert registry.account(student) == {}
    registry.services.clock.advance(60)  # type: ignore[attr-defined]
    registry.engine.keeper.relay()
    assert registry.account(student) == {section: "seat"}


def test_a_standing_is_what_a_claim_says(lottery: Lottery) -> None:
    """Whoever won can drop it like any other enrolment."""
    registry, section = lottery.registry, lottery.registry.section()
    student = registry.student()
    lottery.put(student, section)
    lottery.draw()
    found: Standing = registry.standing(registry.drop(student, section))
    registry.hall.settle()
    assert registry.standing(found.id).state == "confirmed"
    assert registry.holds(student) == {}
