"""Wishes: what may be wished, when, and what is told of it to whom."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import gevent
from sqlalchemy import text

from app.admission.claims import Standing
from app.auth.models import Account
from app.enrolment.lottery import deciding, wishes
from app.enrolment.lottery.deciding import draw_requested
from tests.factories import bearer
from tests.functional.enrolment.conftest import MONDAY_1_2, MONDAY_2_3, TUESDAY_1_2, Registry
from tests.functional.enrolment.lottery_round import Lottery
from tests.functional.enrolment.test_judging import unseen


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
    stale = lottery.put(student)
    assert (stale.status_code, stale.json["code"], stale.json["version"]) == (409, "conflict", 1)
    assert lottery.put(student, version=1).json["wishes"] == []
    lottery.desk.post(f"/api/manage/rounds/{lottery.id}/freeze", json={"reason": "x"})
    assert lottery.put(student, section, version=2).json["code"] == "frozen"
    lottery.desk.post(f"/api/manage/rounds/{lottery.id}/resume", json={"reason": "x"})
    early = lottery.desk.post(f"/api/manage/rounds/{lottery.id}/draw")
    assert (early.status_code, early.json["code"]) == (409, "round_not_closed")
    lottery.close()
    assert lottery.put(student, section, version=2).json["code"] == "closed"


def test_a_list_that_comes_twice_is_answered_twice(lottery: Lottery) -> None:
    """As Nginx sends it again, when the first program took it and died before its answer."""
    student, one, two = lottery.registry.student(), *(lottery.registry.section() for _ in range(2))
    for version, listed in enumerate(([one, two], [two])):
        first, again = (lottery.put(student, *listed, version=version) for _ in range(2))
        assert (first.status_code, first.json["version"]) == (200, version + 1)
        assert (again.status_code, again.json) == (200, first.json)
    assert lottery.put(student, two).status_code == 409, "another's, however alike"


def test_two_lists_that_come_at_once_are_one(lottery: Lottery) -> None:
    student, section = lottery.registry.student(), lottery.registry.section()
    both = [gevent.spawn(lottery.put, student, section) for _ in range(2)]
    assert [one.get(timeout=30).json["version"] for one in both] == [1, 1]


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
