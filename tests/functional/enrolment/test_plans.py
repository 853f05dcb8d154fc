"""The plan before the opening: kept, versioned, and checked at every look."""

from __future__ import annotations

from typing import Any

import gevent

from app.auth.models import Account
from tests.factories import bearer
from tests.functional.enrolment.conftest import MONDAY_1_2, MONDAY_2_3, TUESDAY_1_2, Registry


def put(registry: Registry, student: Account, sections: list[int], version: int, **options: Any) -> Any:
    body = {"sections": [str(one) for one in sections], "version": version}
    headers = bearer(registry.services, student)
    return registry.client.put("/api/me/plan", headers=headers, json={**body, **options})


def get(registry: Registry, student: Account) -> Any:
    return registry.client.get("/api/me/plan", headers=bearer(registry.services, student)).json


def problems(plan: Any) -> list[list[str]]:
    return [[one["code"] for one in item["problems"]] for item in plan["items"]]


def test_a_plan_is_kept_in_its_order(registry: Registry) -> None:
    student, other = registry.student(), registry.student()
    one, two, three = (registry.section() for _ in range(3))
    assert get(registry, student) == {
        "term_id": str(registry.term), "version": 0, "items": [], "credits": {"limit": 20.0, "used": 0.0, "planned": 0.0},
    }  # fmt: skip
    assert put(registry, student, [two, one], 0).json["version"] == 1
    assert put(registry, student, [three, two], 1).json["version"] == 2
    plan = get(registry, student)
    assert [item["section"]["id"] for item in plan["items"]] == [str(three), str(two)]
    assert (plan["version"], plan["credits"]["planned"]) == (2, 4.0)
    assert get(registry, other)["items"] == []
    assert put(registry, student, [], 2).json["items"] == []


def test_an_old_version_is_a_conflict(registry: Registry) -> None:
    student, section = registry.student(), registry.section()
    put(registry, student, [section], 0)
    for version in (0, 2):
        response = put(registry, student, [], version)
        assert (response.status_code, response.json["code"], response.json["version"]) == (409, "conflict", 1)
    assert len(get(registry, student)["items"]) == 1


def test_a_change_that_comes_twice_is_answered_twice(registry: Registry) -> None:
    """As Nginx sends it again, when the first program did it and died before its answer."""
    student, one, two = registry.student(), registry.section(), registry.section()
    for version, sections in enumerate(([one, two], [two])):
        first, again = (put(registry, student, sections, version) for _ in range(2))
        assert (again.status_code, again.json) == (first.status_code, first.json) == (200, first.json)
        assert first.json["version"] == version + 1
    assert put(registry, student, [two], 0).status_code == 409, "another's, however alike"


def test_two_that_come_at_once_are_one_change(registry: Registry) -> None:
    student, section = registry.student(), registry.section()
    both = [gevent.spawn(put, registry, student, [section], 0) for _ in range(2)]
    assert [one.get(timeout=30).json["version"] for one in both] == [1, 1]


def test_a_plan_is_checked_like_the_cart_it_becomes(registry: Registry) -> None:
    student, course, basics = registry.student("7.0"), registry.course(), registry.course()
    held = registry.section(None, MONDAY_1_2)
    registry.settled(student, held)
    planned = [
        registry.section(None, MONDAY_2_3),
        registry.section(course, TUESDAY_1_2),
        registry.section(course),
        registry.section(None, TUESDAY_1_2),
        registry.section(registry.course(needs=(basics,))),
        registry.section(registry.course("3.5")),
        registry.section(registry.course("3.0")),
        held,
    ]
    plan = put(registry, student, planned, 0).json
    assert problems(plan) == [
        ["timetable_clash"], [], ["duplicate_course"], ["timetable_clash"], ["prerequisite_missing"], ["credit_limit"], [],
        ["already_claimed"],
    ]  # fmt: skip
    assert plan["items"][3]["problems"][0]["offering_id"] == str(planned[1])
    assert plan["credits"] == {"limit": 7.0, "used": 2.0, "planned": 16.5}
    sent = registry.cart(student, planned).json["claims"]
    assert [line["problem"]["code"] if line["problem"] else None for line in sent] == [
        found[0] if found else None for found in problems(plan)
    ]


def test_what_is_no_section_of_the_term_cannot_be_planned(registry: Registry) -> None:
    student, elsewhere = registry.student(), registry.section()
    draft = registry.section(state="draft")
    registry.open_term()
    section = registry.section()
    for sections in ([elsewhere], [draft], [12345], [section, section]):
        response = registry.client.put(
            f"/api/me/plan?term_id={registry.term}",
            headers=bearer(registry.services, student),
            json={"sections": [str(one) for one in sections], "version": 0},
        )
        assert (response.status_code, response.json["code"]) == (422, "invalid_input")
    assert put(registry, student, [elsewhere] * 1, -1).status_code == 422


def test_a_section_that_is_cancelled_stays_and_says_so(registry: Registry) -> None:
    student, section = registry.student(), registry.section()
    put(registry, student, [section], 0)
    registry.cancel(section)
    assert problems(get(registry, student)) == [["section_not_found"]]
