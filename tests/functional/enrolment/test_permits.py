"""Time tickets, holds, restrictions and overrides: told before the 202, and found again by settle, which believes nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from app.admission.claims import claim_id
from app.admission.errors import (
    CreditLimitError,
    NotEligibleError,
    NotOpenError,
    OnHoldError,
    PrerequisiteError,
    TimetableClashError,
)
from app.admission.outbox import unfinished
from app.auth.models import Account
from app.catalogue.models import KIND
from app.enrolment.rounds.current import RoundWindow
from tests.factories import bearer, make_place
from tests.functional.enrolment.conftest import MONDAY_1_2, MONDAY_2_3, Registry
from tests.functional.enrolment.test_judging import reasons, unseen
from tests.functional.enrolment.test_rounds import current, desk
from tests.functional.lectures.conftest import Desk

__all__ = ["desk"]


def fresh(registry: Registry) -> None:
    """As some seconds later: no worker's copy of a sheet is older than the change."""
    registry.engine.sheets._known.clear()


def ticket(registry: Registry, desk: Desk, minutes: int = 30, **fields: Any) -> Any:
    not_before = registry.services.clock.now() + timedelta(minutes=minutes)
    body = {"round_id": current(registry), "not_before": not_before.isoformat(), **fields}
    return desk.post("/api/manage/time-tickets", json=body)


def test_a_ticket_keeps_a_grade_out_until_its_time(registry: Registry, desk: Desk) -> None:
    early, late = registry.student(), registry.student(place=make_place(registry.services, grade=2025))
    section = registry.section()
    made = ticket(registry, desk, grades=[2025])
    assert made.status_code == 201
    with pytest.raises(NotOpenError) as raised:
        registry.enrol(late, section)
    told, wanted = (datetime.fromisoformat(one) for one in (raised.value.data["opens_at"], made.json["not_before"]))
    assert abs(told - wanted) < timedelta(seconds=1)
    assert registry.settled(early, section).state == "confirmed"
    assert reasons(registry, unseen(registry, late, section)) == ["not_open"]
    mine = registry.client.get(f"/api/rounds/{current(registry)}", headers=bearer(registry.services, late)).json["my"]
    assert mine == {"not_before": made.json["not_before"], "hold": None}
    assert desk.client.delete(f"/api/manage/time-tickets/{made.json['id']}", headers=desk.headers).status_code == 204
    fresh(registry)
    assert registry.settled(late, section).state == "confirmed"


def test_settle_looks_the_ticket_up_whatever_the_message_says(registry: Registry, desk: Desk) -> None:
    student, section = registry.student(), registry.section()
    ticket(registry, desk, students=[student.username])
    claim = replace(unseen(registry, student, section), not_before=0, hold="seat")
    assert reasons(registry, claim) == ["not_open"]


def test_without_the_look_up_settle_lets_the_early_one_in(registry: Registry, desk: Desk, monkeypatch: Any) -> None:
    monkeypatch.setattr(RoundWindow, "not_before", lambda *_: 0)
    student, section = registry.student(), registry.section()
    ticket(registry, desk, students=[student.username])
    assert reasons(registry, unseen(registry, student, section)) == ["confirmed"]


def test_a_ticket_by_name_goes_before_one_for_a_group(registry: Registry, desk: Desk) -> None:
    student, section = registry.student(), registry.section()
    ticket(registry, desk, minutes=40, grades=[2024])
    ticket(registry, desk, minutes=-10, students=[student.username])
    assert registry.settled(student, section).state == "confirmed"
    listed = desk.get(f"/api/manage/time-tickets?round_id={current(registry)}").json["items"]
    assert [len(one["students"]) for one in listed] == [0, 1]
    assert listed[1]["students"][0]["username"] == student.username


def test_what_cannot_be_a_ticket(registry: Registry, desk: Desk) -> None:
    for fields in ({"minutes": 600, "grades": [2024]}, {}, {"students": ["nobody"]}, {"colleges": ["77"]}):
        answer = ticket(registry, desk, **fields)
        assert (answer.status_code, answer.json["code"]) == (422, "invalid_input"), fields
    assert ticket(registry, desk, grades=[2024], round_id="12345").json["code"] == "round_not_found"


def hold(registry: Registry, desk: Desk, student: Account, reason: str = "学费未缴") -> Any:
    body = {"username": student.username, "term_id": str(registry.term), "reason": reason}
    return desk.post("/api/manage/holds", json=body)


def test_a_hold_stops_choosing_but_not_dropping(registry: Registry, desk: Desk) -> None:
    student, had, other = registry.student(), registry.section(), registry.section()
    registry.settled(student, had)
    made = hold(registry, desk, student)
    assert made.status_code == 201
    with pytest.raises(OnHoldError) as raised:
        registry.enrol(student, other)
    assert raised.value.data["hold"] == "学费未缴"
    assert reasons(registry, unseen(registry, student, other)) == ["on_hold"]
    registry.drop(student, had)
    registry.hall.settle()
    assert registry.holds(student) == {}
    [listed] = desk.get(f"/api/manage/holds?term_id={registry.term}&username={student.username}").json["items"]
    assert listed["student"]["username"] == student.username
    assert desk.client.delete(f"/api/manage/holds/{made.json['id']}", headers=desk.headers).status_code == 204
    assert registry.settled(student, other).state == "confirmed"


def test_without_the_look_up_settle_forgets_the_hold(registry: Registry, desk: Desk, monkeypatch: Any) -> None:
    monkeypatch.setattr("app.enrolment.judging.holds_of", lambda *_: {})
    student = registry.student()
    hold(registry, desk, student)
    assert reasons(registry, unseen(registry, student, registry.section())) == ["confirmed"]


def test_a_hold_that_redis_was_not_told_of_is_the_relays(registry: Registry, desk: Desk, monkeypatch: Any) -> None:
    student, section = registry.student(), registry.section()
    registry.settled(student, registry.section())  # the account is known to Redis
    with monkeypatch.context() as broken:
        broken.setattr("app.enrolment.permits.placing.tell", lambda *_: None)  # the process died right after the commit
        assert hold(registry, desk, student).status_code == 201
    later = registry.services.clock.epoch_ms() + 60_000
    with registry.services.db.transaction() as session:
        rows = unfinished(session, before_ms=later)
    assert all(registry.engine.applier.apply(effects) for _, effects in rows)
    with pytest.raises(OnHoldError):
        registry.enrol(student, section)


def test_a_reason_with_a_bar_in_it_is_told_whole(registry: Registry, desk: Desk) -> None:
    student, section = registry.student(), registry.section()
    hold(registry, desk, student, "a|b")
    key = registry.key()
    for _ in range(2):  # the second time as Redis remembers it
        with pytest.raises(OnHoldError) as raised:
            registry.enrol(student, section, key)
        assert raised.value.data["hold"] == "a/b"


def restrict(desk: Desk, **fields: Any) -> Any:
    return desk.post("/api/manage/restrictions", json={"mode": "except", "reason": "仅限重修", **fields})


def test_a_restriction_made_mid_round_stops_whoever_comes_and_whoever_is_on_the_way(
    registry: Registry, desk: Desk
) -> None:
    course = registry.course()
    section, student, other = registry.section(course), registry.student(), registry.student()
    claim = registry.enrol(student, section)
    made = restrict(desk, course_id=str(course), grades=[2024])
    assert made.status_code == 201
    fresh(registry)
    with pytest.raises(NotEligibleError) as raised:
        registry.enrol(other, section)
    assert raised.value.data["rule"] == "restricted"
    registry.hall.settle()
    assert registry.standing(claim).reason == "restricted"
    assert [one["id"] for one in desk.get(f"/api/manage/restrictions?course_id={course}").json["items"]] == [
        made.json["id"]
    ]
    desk.client.delete(f"/api/manage/restrictions/{made.json['id']}", headers=desk.headers)
    fresh(registry)
    assert registry.settled(other, section).state == "confirmed"


def test_what_cannot_be_a_restriction(registry: Registry, desk: Desk) -> None:
    course, section = registry.course(), registry.section()
    assert restrict(desk, course_id=str(course)).status_code == 422
    assert restrict(desk, grades=[2024]).status_code == 422
    assert restrict(desk, course_id=str(course), section_id=str(section), grades=[2024]).status_code == 422
    assert restrict(desk, course_id="12345", grades=[2024]).json["code"] == "course_not_found"
    assert restrict(desk, section_id="12345", grades=[2024]).json["code"] == "section_not_found"
    assert restrict(desk, section_id=str(section), mode="none", grades=[2024]).status_code == 422


def grant(desk: Desk, student: Account, section: int, *rules: str) -> Any:
    body = {"username": student.username, "section_id": str(section), "rules": list(rules), "reason": "院长批准"}
    return desk.post("/api/manage/overrides", json=body)


def test_an_override_lets_one_student_past_each_rule(registry: Registry, desk: Desk) -> None:
    basics, closed = registry.course(), registry.course()
    registry.restrict(closed, "except", grades=[2024])
    cases: list[tuple[str, type[Exception], int]] = [
        ("restriction", NotEligibleError, registry.section(closed)),
        ("prerequisite", PrerequisiteError, registry.section(registry.course(needs=(basics,)))),
        ("clash", TimetableClashError, registry.section(None, MONDAY_2_3)),
        ("credit_limit", CreditLimitError, registry.section(registry.course("9.0"))),
    ]
    held = registry.section(registry.course("1.0"), MONDAY_1_2)
    for rule, error, section in cases:
        student, other = registry.student("4.0"), registry.student("4.0")
        for one in (student, other):
            registry.settled(one, held)
        with pytest.raises(error):
            registry.enrol(student, section)
        made = grant(desk, student, section, rule)
        assert made.status_code == 201, made.json
        fresh(registry)
        assert registry.settled(student, section).state == "confirmed", rule
        with pytest.raises(error):
            registry.enrol(other, section)
    assert registry.used(student) == Decimal("10.0")
    listed = desk.get(f"/api/manage/overrides?term_id={registry.term}").json["items"]
    assert [one["rules"] for one in listed] == [[rule] for rule, _, _ in cases]


def test_settle_finds_the_override_itself_and_misses_one_that_was_revoked(registry: Registry, desk: Desk) -> None:
    section = registry.section(registry.course(needs=(registry.course(),)))
    lucky, late = registry.student(), registry.student()
    grant(desk, lucky, section, "prerequisite")
    made = grant(desk, late, section, "prerequisite")
    desk.client.delete(f"/api/manage/overrides/{made.json['id']}", headers=desk.headers)
    claims = [replace(unseen(registry, one, section), waives="|needs|") for one in (lucky, late)]
    assert reasons(registry, *claims) == ["confirmed", "prerequisite_missing"]


def test_a_revoked_override_leaves_what_was_chosen_by_it(registry: Registry, desk: Desk) -> None:
    section, student = registry.section(registry.course("6.0")), registry.student("4.0")
    made = grant(desk, student, section, "credit_limit")
    assert registry.settled(student, section).state == "confirmed"
    assert desk.client.delete(f"/api/manage/overrides/{made.json['id']}", headers=desk.headers).status_code == 204
    assert registry.used(student) == Decimal("6.0")
    registry.drop(student, section)
    registry.hall.settle()
    assert registry.used(student) == Decimal("0.0")
    again = replace(unseen(registry, student, section), id=claim_id(student.id, "book", KIND, section, "another-key"))
    assert reasons(registry, again) == ["credit_limit"]


def test_without_the_waiver_the_database_itself_refuses(registry: Registry, desk: Desk) -> None:
    section, student = registry.section(registry.course("6.0")), registry.student("4.0")
    grant(desk, student, section, "credit_limit")
    with registry.services.db.transaction() as session:
        session.execute(text("UPDATE term_credit SET waived = 0 WHERE student_id = :one"), {"one": student.id})
    with pytest.raises(Exception, match="CONSTRAINT"):
        registry.settled(student, section)
