"""A cart: one request, an answer to each section, one token, and the same answers when it is repeated."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.catalogue.models import KIND
from app.enrolment import carts
from tests.factories import bearer
from tests.functional.enrolment.conftest import MONDAY_1_2, MONDAY_2_3, TUESDAY_1_2, Registry
from tests.functional.lectures.conftest import Maker
from tests.lua_guards import library_without


def states(response: Any) -> list[str]:
    assert response.status_code == 202, response.json
    return [line["problem"]["code"] if line["problem"] else line["state"] for line in response.json["claims"]]


def test_each_section_has_its_own_answer(registry: Registry) -> None:
    student, course = registry.student("6.0"), registry.course("2.0")
    basics = registry.course()
    kept_out = registry.course()
    registry.restrict(kept_out, "except", grades=[2024])
    first = registry.section(course, MONDAY_1_2)
    sections = [
        first,
        registry.section(course, TUESDAY_1_2),
        registry.section(None, MONDAY_2_3),
        registry.section(registry.course(needs=(basics,))),
        registry.section(kept_out),
        12345,
        registry.section(capacity=0, line=0),
        registry.section(capacity=0, line=1),
        registry.section(registry.course("4.5")),
        registry.section(registry.course("4.0")),
    ]
    response = registry.cart(student, sections)
    assert states(response) == [
        "pending", "duplicate_course", "timetable_clash", "prerequisite_missing", "not_eligible", "section_not_found",
        "sold_out", "pending", "credit_limit", "pending",
    ]  # fmt: skip
    assert [line["section_id"] for line in response.json["claims"]] == [str(one) for one in sections]
    won, *in_its_way = response.json["claims"][:3]
    for problem in (line["problem"] for line in in_its_way):
        assert (problem["offering_id"], problem["claim_id"], problem["state"]) == (
            str(first),
            won["claim_id"],
            "pending",
        )
    registry.hall.settle()
    assert registry.holds(student) == {first: "confirmed", sections[7]: "waitlisted", sections[9]: "confirmed"}
    assert registry.used(student) == Decimal("6.0")
    claims = registry.client.get(response.json["status_url"], headers=bearer(registry.services, student))
    assert [one["state"] for one in claims.json["items"]] == ["confirmed", "waitlisted", "confirmed"]


def test_a_repeated_cart_is_the_same_cart(registry: Registry) -> None:
    student = registry.student()
    sections = [registry.section(None, MONDAY_1_2), registry.section(None, MONDAY_2_3), 12345]
    first, again = (registry.cart(student, sections, key="the-same-key") for _ in range(2))
    assert (first.status_code, first.json) == (again.status_code, again.json)
    registry.hall.settle()
    later, told = registry.cart(student, sections, key="the-same-key").json, first.json
    problem = told["claims"][1]["problem"]
    assert (problem["code"], problem["state"]) == ("timetable_clash", "pending")
    problem["state"] = "confirmed"  # of the claim that stands against it, which has moved on
    assert later == told
    assert registry.used(student) == Decimal("2.0")


def test_the_same_key_with_another_body(registry: Registry) -> None:
    student = registry.student()
    one, two, three = (registry.section() for _ in range(3))
    assert states(registry.cart(student, [one], key="the-same-key")) == ["pending"]
    for sections, body in (([one, two], {}), ([three], {}), ([one], {"waitlist": False})):
        response = registry.cart(student, sections, key="the-same-key", body=body)
        assert (response.status_code, response.json["code"]) == (422, "idempotency_key_reused")
    registry.hall.settle()
    assert registry.holds(student) == {one: "confirmed"}
    assert states(registry.cart(student, [two], key="another-key")) == ["pending"]


def test_memory_of_carts_off_another_body_is_taken(registry: Registry) -> None:
    student, one, two = registry.student(), registry.section(), registry.section()
    registry.services.redis.function_load(library_without("cart"), replace=True)
    try:
        registry.cart(student, [one], key="the-same-key")
        assert states(registry.cart(student, [two], key="the-same-key")) == ["pending"]
    finally:
        registry.engine.store.install()


def test_a_key_that_enrolled_in_one_section_refuses_that_one_alone(registry: Registry) -> None:
    """The other is accepted all the same: nobody is told "failed" and found enrolled."""
    student, one, two = registry.student(), registry.section(), registry.section()
    assert registry.post(student, one, key="the-same-key").status_code == 202
    assert states(registry.cart(student, [one, two], key="the-same-key")) == ["idempotency_key_reused", "pending"]


def test_only_the_round_that_counts_takes_carts(registry: Registry, services: Any) -> None:
    student, section, now = registry.student(), registry.section(), services.clock.now()
    past = registry.open_round(2, now - timedelta(days=3), closes_at=now - timedelta(days=2))
    later = registry.open_round(3, now + timedelta(days=2), closes_at=now + timedelta(days=3))
    for asked, code in ((past, "closed"), (later, "not_open")):
        response = registry.cart(student, [section], round=asked)
        assert (response.status_code, response.json["code"]) == (403, code)
    assert registry.cart(student, [section], round=12345).json["code"] == "round_not_found"
    assert registry.holds(student) == {}


def test_a_cart_that_was_accepted_is_answered_after_its_round(registry: Registry, services: Any) -> None:
    student, section, asked = registry.student(), registry.section(), registry.round
    first = registry.cart(student, [section], key="the-same-key", round=asked)
    now = services.clock.now()
    registry.open_round(2, now + timedelta(hours=3), closes_at=now + timedelta(days=1))
    registry.engine.sheets._known.clear()
    services.clock.advance(2 * 3600)
    again = registry.cart(student, [section], key="the-same-key", round=asked)
    assert (again.status_code, again.json) == (202, first.json)
    assert registry.cart(student, [registry.section()], round=asked).json["code"] == "closed"


def test_a_section_of_another_term(registry: Registry) -> None:
    elsewhere, of_elsewhere = registry.section(), registry.round
    registry.open_term()
    student, here = registry.student(), registry.section()
    assert states(registry.cart(student, [elsewhere, here])) == ["section_not_in_round", "pending"]
    assert states(registry.cart(student, [here], round=of_elsewhere)) == ["section_not_in_round"]


def test_a_cart_costs_one_token(registry: Registry) -> None:
    registry.engine.gate._limits = type(registry.engine.gate._limits)(10_000, 60_000, 1)
    student, sections = registry.student(), [registry.section() for _ in range(6)]
    assert states(registry.cart(student, sections)) == ["pending"] * 6
    response = registry.cart(student, [registry.section() for _ in range(2)])
    assert (response.status_code, response.json["scope"]) == (429, "user")
    assert response.headers["Retry-After"]


@pytest.mark.parametrize(
    "body", [{}, {"sections": []}, {"sections": ["1", "1"]}, {"sections": [1]}, {"sections": ["x"]}, {"sections": "1"},
             {"sections": [str(one) for one in range(1, carts.MOST + 2)]}, {"sections": ["1"], "waitlist": 1},
             {"sections": ["1"], "more": 1}, []],
)  # fmt: skip
def test_bodies_that_are_no_cart(registry: Registry, body: Any) -> None:
    headers = {**bearer(registry.services, registry.student()), "Idempotency-Key": registry.key()}
    response = registry.client.post(f"/api/rounds/{registry.round}/carts", headers=headers, json=body)
    assert (response.status_code, response.json["code"]) == (422, "invalid_input")


def test_claims_of_others_are_left_out(registry: Registry) -> None:
    student, other, section = registry.student(), registry.student(), registry.section()
    mine, theirs = registry.enrol(student, section, "key-mine-1"), registry.enrol(other, section)
    nobodys = "00000000-0000-5000-8000-000000000000"
    headers = bearer(registry.services, student)
    asked = f"/api/claims?ids={theirs},{nobodys},{mine}"
    assert [one["claim_id"] for one in registry.client.get(asked, headers=headers).json["items"]] == [mine]
    assert registry.client.get("/api/claims?ids=x", headers=headers).status_code == 422


def test_an_unknown_claim_is_shown_to_whom_the_key_proves_it(registry: Registry) -> None:
    student, section = registry.student(), registry.section()
    unsent = carts.claim_id(student.id, "book", KIND, section, "key-unsent-1")
    headers = {**bearer(registry.services, student), "Idempotency-Key": "key-unsent-1"}
    found = registry.client.get(f"/api/claims?ids={unsent}&offering_ids={section}", headers=headers)
    assert [(one["claim_id"], one["state"]) for one in found.json["items"]] == [(unsent, "unknown")]
    assert registry.client.get(f"/api/claims?ids={unsent}&offering_ids=7", headers=headers).json["items"] == []


def test_the_log_of_one_kind(registry: Registry, make: Maker) -> None:
    student, section = registry.student(), registry.section()
    registry.hall.book(make().lecture.id, [student])
    registry.settled(student, section)
    headers = bearer(registry.services, student)
    for kind in ("section", "lecture"):
        found = registry.client.get(f"/api/me/claims?kind={kind}", headers=headers).json["items"]
        assert [one["kind"] for one in found] == [kind]
