"""/api/manage/colleges, departments, majors, classes."""

from __future__ import annotations

from typing import Any

import gevent
import pytest
from sqlalchemy import select

from app.auth.permissions import Permission, Role
from app.extensions.services import Services
from app.org.models import College, Department
from app.org.units import deleting
from app.org.units.levels import COLLEGE
from tests.factories import actor_for, make_account, make_place, make_student
from tests.functional.management.conftest import Desk, DeskOf, code
from tests.meeting import GENEROUS_S, until_done_or_held_up

M = "/api/manage"


def branch(desk: Desk, name: str = "理学院") -> dict[str, str]:
    """A college with a department, a major and a class; their ids."""
    college = desk.make(f"{M}/colleges", name=name)
    department = desk.make(f"{M}/departments", name="数学系", college_id=college)
    major = desk.make(f"{M}/majors", name="应用数学", department_id=department)
    fields = {"name": "数学2401班", "major_id": major, "grade": 2024, "class_no": 1, "graduation_credits": 160.5}
    school_class = desk.make(f"{M}/classes", **fields)
    return {"colleges": college, "departments": department, "majors": major, "classes": school_class}


def test_a_branch_from_the_top(desk: Desk) -> None:
    ids = branch(desk)
    found = desk.get(f"{M}/classes/{ids['classes']}").json
    assert found == {
        "id": ids["classes"],
        "name": "数学2401班",
        "grade": 2024,
        "class_no": 1,
        "graduation_credits": 160.5,
        "major_id": ids["majors"],
        "major": "应用数学",
        "department_id": ids["departments"],
        "department": "数学系",
        "college_id": ids["colleges"],
        "college": "理学院",
        "version": 1,
    }
    for path, narrowed in (("departments", "college_id"), ("majors", "college_id"), ("classes", "college_id")):
        assert [one["id"] for one in desk.get(f"{M}/{path}", **{narrowed: ids["colleges"]}).json["items"]] == [
            ids[path]
        ]
        assert desk.get(f"{M}/{path}", **{narrowed: "1"}).json["items"] == []
    assert desk.get(f"{M}/classes", q="2401", grade=2024, major_id=ids["majors"]).json["items"] == [found]
    assert desk.get(f"{M}/classes", q="%").json["items"] == []


def test_pages(desk: Desk) -> None:
    made = [desk.make(f"{M}/colleges", name=f"学院 {number}") for number in range(5)]
    seen: list[str] = []
    cursor: dict[str, Any] = {}
    while True:
        page = desk.get(f"{M}/colleges", limit=2, **cursor).json
        seen += [one["id"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == made
    assert code(desk.get(f"{M}/colleges", cursor="WyJ4Il0=")) == (422, "invalid_input")


def test_editing_wants_the_version_that_was_seen(desk: Desk) -> None:
    ids = branch(desk)
    path = f"{M}/classes/{ids['classes']}"
    changed = desk.patch(path, {"name": "数学2402班", "class_no": 2, "version": 1}).json
    assert (changed["name"], changed["class_no"], changed["version"]) == ("数学2402班", 2, 2)
    assert desk.patch(path, {"class_no": 2}).json["version"] == 2  # nothing new
    answer = desk.patch(path, {"name": "x", "version": 1})
    assert (code(answer), answer.json["version"]) == ((409, "conflict"), 2)
    other = desk.make(f"{M}/departments", name="统计系", college_id=ids["colleges"])
    assert desk.patch(f"{M}/majors/{ids['majors']}", {"department_id": other}).json["department"] == "统计系"
    assert code(desk.patch(f"{M}/majors/{ids['majors']}", {"department_id": "1"})) == (404, "department_not_found")


def test_names_and_numbers_are_given_once(desk: Desk) -> None:
    ids = branch(desk)
    other = branch(desk, "文学院")  # the same names elsewhere are fine
    assert code(desk.post(f"{M}/colleges", {"name": "理学院"})) == (409, "name_taken")
    assert code(desk.post(f"{M}/departments", {"name": "数学系", "college_id": ids["colleges"]})) == (409, "name_taken")
    assert code(desk.patch(f"{M}/colleges/{other['colleges']}", {"name": "理学院"})) == (409, "name_taken")
    assert desk.patch(f"{M}/colleges/{ids['colleges']}", {"name": "理学院"}).status_code == 200
    again = {"name": "x", "major_id": ids["majors"], "grade": 2024, "class_no": 1, "graduation_credits": 150}
    answer = desk.post(f"{M}/classes", again)
    assert (code(answer), answer.json["grade"], answer.json["class_no"]) == ((409, "class_taken"), 2024, 1)
    assert desk.delete(f"{M}/classes/{ids['classes']}").status_code == 204
    assert desk.post(f"{M}/classes", again).status_code == 201  # a class that is gone frees its number


def test_deleting_goes_from_the_bottom(desk: Desk) -> None:
    ids = branch(desk)
    for path, uses in (("colleges", "departments"), ("departments", "majors"), ("majors", "classes")):
        answer = desk.delete(f"{M}/{path}/{ids[path]}")
        assert (code(answer), answer.json["uses"]) == ((409, "in_use"), {uses: 1})
    for path in reversed(ids):
        assert desk.delete(f"{M}/{path}/{ids[path]}").status_code == 204
        assert code(desk.get(f"{M}/{path}/{ids[path]}"))[0] == 404
        assert code(desk.patch(f"{M}/{path}/{ids[path]}", {"name": "x"}))[0] == 404
        assert desk.get(f"{M}/{path}").json["items"] == []
    assert desk.get("/api/org/colleges").json["items"] == []


def test_a_class_with_students_stays(desk: Desk, services: Services) -> None:
    place = make_place(services)
    make_student(services, place)
    answer = desk.delete(f"{M}/classes/{place.class_id}")
    assert (code(answer), answer.json["uses"]) == ((409, "in_use"), {"students": 1})


def orphans(services: Services) -> list[str]:
    """Departments whose college is gone."""
    with services.db.transaction() as session:
        gone = select(Department.name).join(College, College.id == Department.college_id)
        return list(session.scalars(gone.where(College.is_deleted.is_(True), Department.is_deleted.is_(False))))


@pytest.mark.parametrize("guarded", [True, False])
def test_nothing_is_hung_on_what_is_being_deleted(
    desk: Desk, services: Services, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Between counting and deleting somebody adds a department: the college's lock keeps them apart."""
    college = desk.make(f"{M}/colleges", name="将撤销")
    if not guarded:
        monkeypatch.setattr(deleting, "locked", lambda session, model, row_id, _: session.get(model, row_id))
    adding: list[gevent.Greenlet] = []

    def count_then_pause(_: Any, __: int) -> dict[str, int]:
        adding.append(gevent.spawn(desk.post, f"{M}/departments", {"name": "新系", "college_id": college}))
        until_done_or_held_up(adding[0], services.db)  # with the lock, it waits for the deletion
        return {}

    actor = actor_for(services, make_account(services, Role.MANAGER))
    deleting.delete_unit(services, actor, COLLEGE, int(college), uses=count_then_pause)
    answer = adding[0].get(timeout=GENEROUS_S)
    assert answer.status_code == (404 if guarded else 201)
    assert orphans(services) == ([] if guarded else ["新系"])


def test_two_of_one_name_at_once(desk: Desk, services: Services) -> None:
    college = desk.make(f"{M}/colleges", name="理学院")
    tries = [
        gevent.spawn(desk.post, f"{M}/departments", {"name": "数学系", "college_id": college}) for _ in range(4)
    ] + [gevent.spawn(desk.post, f"{M}/colleges", {"name": "医学院"}) for _ in range(4)]
    statuses = sorted(one.get(timeout=20).status_code for one in tries)
    assert statuses == [201, 201] + [409] * 6


def test_who_may(services: Services, desk_of: DeskOf) -> None:
    left = make_account(services, Role.MANAGER, permissions=[Permission.COURSES_MANAGE.value])
    for account in (
        left,
        make_student(services),
        *(make_account(services, one) for one in (Role.TEACHER, Role.CHECKIN)),
    ):
        desk = desk_of(account)
        for path in ("colleges", "departments", "majors", "classes"):
            assert desk.get(f"{M}/{path}").status_code == 403
            assert desk.get(f"{M}/{path}/1").status_code == 403
            assert desk.post(f"{M}/{path}", {}).status_code == 403
            assert desk.patch(f"{M}/{path}/1", {}).status_code == 403
            assert desk.delete(f"{M}/{path}/1").status_code == 403
    assert desk_of(make_account(services, Role.SUPER_ADMIN)).get(f"{M}/colleges").status_code == 200


def test_what_cannot_be(desk: Desk) -> None:
    ids = branch(desk)
    good = {"name": "x", "major_id": ids["majors"], "grade": 2025, "class_no": 1, "graduation_credits": 150}
    for wrong in (
        {"name": ""},
        {"name": "长" * 65},
        {"name": None},
        {"major_id": 7},
        {"grade": 1},
        {"class_no": 0},
        {"graduation_credits": -1},
        {"graduation_credits": 0.55},
        {"graduation_credits": 10000},
        {"graduation_credits": "NaN"},
        {"graduation_credits": True},
        {"surprise": 1},
    ):
        answer = desk.post(f"{M}/classes", {**good, **wrong})
        assert code(answer) == (422, "invalid_input"), wrong
        assert set(answer.json["errors"]) == set(wrong)
    assert code(desk.post(f"{M}/classes", {**good, "major_id": "999"})) == (404, "major_not_found")
