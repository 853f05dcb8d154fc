"""Enrol and drop, from the request to the row: every rule is told before the 202, and MariaDB says the same."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.admission import rebuild
from app.admission.errors import (
    AlreadyClaimedError,
    CancelClosedError,
    ClosedError,
    CreditLimitError,
    DuplicateGroupError,
    FrozenError,
    NotEligibleError,
    NothingToCancelError,
    NotOpenError,
    PrerequisiteError,
    SoldOutError,
    TimetableClashError,
)
from app.catalogue.errors import SectionNotFoundError
from tests.factories import bearer
from tests.functional.enrolment.conftest import MONDAY_1_2, MONDAY_2_3, TUESDAY_1_2, Registry


def test_an_enrolment_is_accepted_confirmed_and_counted(registry: Registry) -> None:
    student, section = registry.student(), registry.section(registry.course("2.5"), MONDAY_1_2)
    response = registry.post(student, section)
    assert response.status_code == 202
    assert response.json["state"] == "pending"
    registry.hall.settle()
    assert registry.standing(response.json["claim_id"]).state == "confirmed"
    assert registry.used(student) == Decimal("2.5")
    assert registry.holds(student) == {section: "confirmed"}
    assert registry.account(student) == {section: "seat"}
    claim = registry.client.get(f"/api/claims/{response.json['claim_id']}", headers=bearer(registry.services, student))
    assert (claim.json["kind"], claim.json["state"]) == ("section", "confirmed")
    assert claim.json["offering_title"].startswith("课程")


def test_a_drop_gives_seat_time_and_credits_back(registry: Registry) -> None:
    student = registry.student("2.0")
    section, other = registry.section(None, MONDAY_1_2), registry.section(None, MONDAY_2_3)
    registry.settled(student, section)
    with pytest.raises(TimetableClashError):
        registry.enrol(student, other)
    registry.drop(student, section)
    registry.hall.settle()
    assert (registry.used(student), registry.holds(student), registry.account(student)) == (Decimal(0), {}, {})
    assert registry.settled(student, other).state == "confirmed"
    with pytest.raises(NothingToCancelError):
        registry.drop(student, section)


def test_a_clash_says_with_what(registry: Registry) -> None:
    student = registry.student()
    held = registry.section(None, TUESDAY_1_2, MONDAY_1_2)
    claim = registry.enrol(student, held)  # not settled: a promise counts
    other = registry.section(None, MONDAY_2_3)
    response = registry.post(student, other, key="the-same-key")
    assert response.status_code == 409
    assert response.json["code"] == "timetable_clash"
    assert response.json["offering_id"] == str(held)
    assert response.json["offering_title"].startswith("课程")
    assert (response.json["claim_id"], response.json["state"]) == (claim, "pending")
    registry.hall.settle()
    again = registry.post(student, other, key="the-same-key").json  # the same refusal, of a claim that has moved on
    assert (again["code"], again["claim_id"], again["state"]) == ("timetable_clash", claim, "confirmed")


def test_one_section_of_a_course(registry: Registry) -> None:
    student, course = registry.student(), registry.course()
    one, other = registry.section(course, MONDAY_1_2), registry.section(course, TUESDAY_1_2)
    held = registry.settled(student, one)
    with pytest.raises(DuplicateGroupError) as raised:
        registry.enrol(student, other)
    told = raised.value.data
    assert (told["offering_id"], told["claim_id"], told["state"]) == (str(one), held.id, "confirmed")
    with pytest.raises(AlreadyClaimedError):
        registry.enrol(student, one)


def test_the_credit_limit(registry: Registry) -> None:
    student = registry.student("4.5")
    for _ in range(2):
        registry.settled(student, registry.section(registry.course("2.0")))
    with pytest.raises(CreditLimitError) as raised:
        registry.enrol(student, registry.section(registry.course("1.0")))
    assert raised.value.data == {"used": "4.0", "weight": "1.0", "limit": "4.5"}
    assert registry.settled(student, registry.section(registry.course("0.5"))).state == "confirmed"


def test_prerequisites(registry: Registry) -> None:
    basics = registry.course()
    section = registry.section(registry.course(needs=(basics,)))
    with pytest.raises(PrerequisiteError):
        registry.enrol(registry.student(), section)
    assert registry.settled(registry.student(passed=(basics,)), section).state == "confirmed"


@pytest.mark.parametrize(("mode", "lets_in"), [("only", True), ("except", False)])
def test_restrictions_by_grade(registry: Registry, mode: str, lets_in: bool) -> None:
    course = registry.course()
    registry.restrict(course, mode, grades=[2024])
    section, student = registry.section(course), registry.student()
    if lets_in:
        assert registry.settled(student, section).state == "confirmed"
    else:
        with pytest.raises(NotEligibleError):
            registry.enrol(student, section)


def test_seats_then_the_line_then_no(registry: Registry) -> None:
    section = registry.section(capacity=1, line=1)
    first, second, third = (registry.student() for _ in range(3))
    assert registry.settled(first, section).state == "confirmed"
    assert registry.settled(second, section).state == "waitlisted"
    assert registry.used(second) == 0
    with pytest.raises(SoldOutError):
        registry.enrol(third, section)
    registry.drop(first, section)
    registry.hall.settle()
    assert registry.holds(second) == {section: "confirmed"}
    assert registry.used(second) == Decimal("2.0")


def test_who_waits_and_has_filled_the_hour_meanwhile_is_passed_over(registry: Registry) -> None:
    section = registry.section(None, MONDAY_1_2, capacity=1, line=5)
    first, busy, patient = (registry.student() for _ in range(3))
    registry.settled(first, section)
    waiting = registry.enrol(busy, section)
    registry.settled(patient, section)
    registry.settled(busy, registry.section(None, MONDAY_2_3))
    registry.drop(first, section)
    registry.hall.settle()
    assert (registry.standing(waiting).state, registry.standing(waiting).reason) == ("expired", "timetable_clash")
    assert registry.holds(patient) == {section: "confirmed"}


def test_windows_and_the_brake(registry: Registry, services: Any) -> None:
    student, section = registry.student(), registry.section()
    frozen = registry.section(frozen=True)
    with pytest.raises(FrozenError):
        registry.enrol(student, frozen)
    with pytest.raises(SectionNotFoundError):
        registry.enrol(student, registry.section(state="draft"))
    now = services.clock.now()
    registry.open_term(opens_at=now + timedelta(minutes=10), drop_until=now + timedelta(hours=2))
    with pytest.raises(NotOpenError):
        registry.enrol(registry.student(), registry.section())
    registry.open_term(opens_at=now - timedelta(hours=2), drop_until=now - timedelta(hours=1))
    later = registry.student()
    section = registry.section()
    registry.settled(later, section)
    with pytest.raises(CancelClosedError):
        registry.drop(later, section)


def test_nobody_but_students_and_nothing_unknown(registry: Registry) -> None:
    student, section = registry.student(), registry.section()
    assert registry.client.post(f"/api/sections/{section}/enrolments").status_code == 401
    assert registry.post(student, 12345).json["code"] == "section_not_found"
    assert registry.post(student, section, key="with a space").json["code"] == "idempotency_key_missing"
    assert registry.post(student, section, json={"waitlist": "yes"}).status_code == 422
    assert registry.holds(student) == {}


def test_a_repeated_request_is_the_same_request(registry: Registry) -> None:
    student, section = registry.student(), registry.section()
    first, again = (registry.post(student, section, key="the-same-key") for _ in range(2))
    assert (first.status_code, first.json) == (again.status_code, again.json)
    registry.hall.settle()
    assert registry.post(student, section, key="the-same-key").json["claim_id"] == first.json["claim_id"]
    assert registry.used(student) == Decimal("2.0")


def test_redis_and_mariadb_agree_after_a_rebuild(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuild, "DRAIN_WITHIN_S", 0.1)  # nothing is on its way, and no consumer answers the barriers
    sections = [registry.section(registry.course("2.0"), slot) for slot in (MONDAY_1_2, TUESDAY_1_2)]
    full = registry.section(capacity=0, line=5)
    student = registry.student("4.0")
    for section in (full, *sections):
        registry.settled(student, section)
    before = registry.account(student)
    registry.engine.watch.rebuild()
    assert registry.account(student) == before == {sections[0]: "seat", sections[1]: "seat", full: "line"}
    with pytest.raises(CreditLimitError):
        registry.enrol(student, registry.section(registry.course("0.5")))


def test_a_term_that_is_over_is_told_so_though_redis_has_forgotten_it(registry: Registry, services: Any) -> None:
    """What is not loaded may be over or quite new: whoever asks first has it loaded, and is told the truth."""
    student, section = registry.student(), registry.section()
    held = registry.section()
    registry.settled(student, held)
    past = services.clock.now() - timedelta(weeks=40)
    registry.close_round(services.clock.now() - timedelta(minutes=1))
    registry.move_term(past.date())
    assert registry.engine.loader.unload_past() == 2
    with pytest.raises(ClosedError):
        registry.enrol(student, section)
    registry.engine.loader.unload_past()
    assert registry.cart(student, [section]).json["code"] == "closed"
    assert not registry.hall.pending()
    registry.drop(student, held)  # the drop's own deadline is not over
    registry.hall.settle()
    assert registry.holds(student) == {}
