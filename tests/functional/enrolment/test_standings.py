""" "Why not", and what one has: previews by the rules of admission, from Redis or, without it, from MariaDB."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.auth.models import Account
from tests.factories import bearer
from tests.functional.enrolment.conftest import MONDAY_1_2, MONDAY_2_3, TUESDAY_1_2, Registry


@pytest.fixture(params=["redis", "mariadb"])
def source(request: pytest.FixtureRequest) -> str:
    """Where the preview finds what the student holds."""
    return str(request.param)


def ask(registry: Registry, student: Account, *sections: int, source: str = "redis", language: str = "en") -> Any:
    if source == "mariadb":
        registry.services.redis.flushdb()
    headers = {**bearer(registry.services, student), "Accept-Language": language}
    asked = ",".join(map(str, sections))
    response = registry.client.get(f"/api/me/standings?section_ids={asked}", headers=headers)
    assert response.status_code == 200, response.json
    return response.json["items"]


def codes(items: Any) -> list[str | None]:
    return [one["problem"] and one["problem"]["code"] for one in items]


def test_every_rule_is_told_without_claiming(registry: Registry, source: str) -> None:
    course, basics, kept_out = registry.course("2.0"), registry.course(), registry.course()
    student = registry.student("4.0")
    registry.restrict(kept_out, "except", grades=[2024])
    held = registry.section(course, MONDAY_1_2)
    registry.settled(student, held)
    sections = [
        held,
        registry.section(course, TUESDAY_1_2),
        registry.section(None, MONDAY_2_3),
        registry.section(registry.course(needs=(basics,))),
        registry.section(kept_out),
        registry.section(registry.course("2.5")),
        registry.section(registry.course("2.0")),
        registry.section(frozen=True),
        registry.section(state="draft"),
        12345,
        registry.section(capacity=0, line=0),
        registry.section(capacity=0, line=1),
    ]
    items = ask(registry, student, *sections, source=source)
    assert codes(items) == [
        "already_claimed", "duplicate_course", "timetable_clash", "prerequisite_missing", "not_eligible", "credit_limit",
        None, "frozen", "section_not_found", "section_not_found", "sold_out", None,
    ]  # fmt: skip
    assert [one["section_id"] for one in items] == [str(one) for one in sections]
    assert [one["can_enrol"] for one in items] == [code is None for code in codes(items)]
    assert [one["would_wait"] for one in items] == [False] * 11 + [True]
    assert (items[0]["claim"]["state"], items[0]["can_drop"]) == ("confirmed", True)
    claim = items[0]["claim"]["claim_id"]
    assert [(one["problem"]["claim_id"], one["problem"]["state"]) for one in items[:3]] == [(claim, "confirmed")] * 3
    assert registry.holds(student) == {held: "confirmed"}


@pytest.mark.parametrize(
    ("language", "told"),
    [("zh-CN", "与 {title} 周一 1–2 节 冲突。"), ("en", "It clashes with {title}, Mon periods 1–2.")],
)
def test_a_refusal_says_with_what_and_when(registry: Registry, language: str, told: str) -> None:
    """The preview, the refusal of enrolling and that of a cart say the same."""
    student, held = registry.student(), registry.section(None, TUESDAY_1_2, MONDAY_1_2)
    registry.settled(student, held)
    wanted = registry.section(None, MONDAY_2_3)
    headers = {"Accept-Language": language}
    (item,) = ask(registry, student, wanted, language=language)
    refused = registry.post(student, wanted, headers=headers)
    cart = registry.cart(student, [wanted], headers=headers).json["claims"][0]["problem"]
    for problem in (item["problem"], refused.json, cart):
        assert problem["code"] == "timetable_clash"
        assert problem["offering_id"] == str(held)
        assert problem["detail"] == told.format(title=problem["offering_title"])
        assert problem["when"] in problem["detail"]


def test_a_prerequisite_and_another_section_are_named(registry: Registry) -> None:
    course, basics = registry.course(), registry.course()
    student, held = registry.student(), registry.section(course)
    registry.settled(student, held)
    wanted = registry.section(registry.course(needs=(basics,)))
    items = ask(registry, student, registry.section(course), wanted)
    assert items[0]["problem"]["offering_title"] in items[0]["problem"]["detail"]
    refused = registry.post(student, wanted).json
    for problem in (items[1]["problem"], refused):
        assert (problem["needs"], problem["code"]) == (str(basics), "prerequisite_missing")
        assert problem["needs_title"].startswith("课程")
        assert problem["needs_title"] in problem["detail"]


def test_before_the_opening_the_rules_are_told_too(registry: Registry, services: Any) -> None:
    held_in = registry.section(None, MONDAY_1_2)
    student = registry.student()
    registry.settled(student, held_in)
    now = services.clock.now()
    registry.close_round(now - timedelta(minutes=1))
    registry.open_round(2, now + timedelta(hours=1), closes_at=now + timedelta(hours=2))
    registry.engine.sheets._known.clear()
    (item,) = ask(registry, student, registry.section(None, MONDAY_2_3))
    assert [one["code"] for one in item["problems"]] == ["not_open", "timetable_clash"]


def test_what_is_promised_counts_before_it_is_settled(registry: Registry) -> None:
    student, section = registry.student(), registry.section(None, MONDAY_1_2)
    registry.enrol(student, section)
    items = ask(registry, student, section, registry.section(None, MONDAY_2_3))
    assert codes(items) == ["already_claimed", "timetable_clash"]
    assert items[0]["claim"]["state"] == "pending"
    registry.hall.settle()
    registry.drop(student, section)
    assert not ask(registry, student, section)[0]["can_drop"]


def test_who_waits(registry: Registry, source: str) -> None:
    full, student = registry.section(None, MONDAY_1_2, capacity=0, line=5), registry.student()
    registry.settled(student, full)
    item, other = ask(registry, student, full, registry.section(None, MONDAY_2_3), source=source)
    assert (item["claim"]["state"], item["claim"]["position"], other["problem"]) == ("waitlisted", 1, None)


def test_what_one_has(registry: Registry, source: str) -> None:
    student = registry.student("9.5")
    taken, full = registry.section(registry.course("2.5")), registry.section(registry.course("3.0"), capacity=0)
    for section in (full, taken):
        registry.settled(student, section)
    if source == "mariadb":
        registry.services.redis.flushdb()
    found = registry.client.get("/api/me/enrolments", headers=bearer(registry.services, student)).json
    assert found["term"]["id"] == str(registry.term)
    assert found["credits"] == {"limit": 9.5, "used": 2.5, "waiting": 3.0}
    shown = [(one["section"]["id"], one["state"], one["position"], one["can_drop"]) for one in found["items"]]
    assert sorted(shown) == sorted([(str(taken), "confirmed", None, True), (str(full), "waitlisted", 1, True)])
    assert all(one["drop_until"] for one in found["items"])


def test_nothing_is_asked_of_too_many(registry: Registry) -> None:
    headers = bearer(registry.services, registry.student())
    for asked in ("", "x", "1,", ",".join(map(str, range(1, 202)))):
        response = registry.client.get(f"/api/me/standings?section_ids={asked}", headers=headers)
        assert (response.status_code, response.json["code"]) == (422, "invalid_input")
    assert registry.client.get("/api/me/standings?section_ids=1").status_code == 401


def test_what_a_swap_gives_up_is_nobodys_to_drop(registry: Registry) -> None:
    student, held, taken = registry.student(), registry.section(), registry.section()
    registry.settled(student, held)
    registry.swap(student, held, taken)
    items = ask(registry, student, held, taken)
    assert [one["can_drop"] for one in items] == [False, False]
    assert [one["claim"]["state"] for one in items] == ["confirmed", "pending"]
    registry.hall.settle()
    items = ask(registry, student, held, taken)
    assert [one["claim"] and one["claim"]["action"] for one in items] == [None, "swap"]
