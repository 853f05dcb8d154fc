"""A lottery round from the first wish to the enrolments: Redis, MariaDB, outbox, wishes and the published file agree."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from app.admission.models import OutboxRow
from app.enrolment.lottery import deciding, wishes
from app.enrolment.lottery.verifying import faults_of
from app.enrolment.lottery.wishes import lot_of
from tests.factories import make_place
from tests.functional.enrolment.conftest import MONDAY_1_2, Registry
from tests.functional.enrolment.lottery_round import Lottery
from tests.functional.enrolment.test_judging import reasons


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


def test_nobody_enrols_by_saying_that_he_was_drawn(lottery: Lottery) -> None:
    registry, section = lottery.registry, lottery.registry.section()
    student = registry.student()
    lottery.put(student, section)  # wished for, and not drawn
    at = int(lottery.closes.timestamp() * 1000) - 1
    claim = wishes.WishRow(round_id=int(lottery.id), student_id=student.id, section_id=section)
    assert reasons(registry, deciding.drawn_claim(claim, at, 1)) == ["not_drawn"]


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
