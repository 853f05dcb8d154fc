"""/api/manage/terms, courses, programme-courses, credit-accounts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import gevent
import gevent.event
import pytest
from sqlalchemy import select

from app.admission.engine import Engine
from app.admission.errors import CreditLimitError, PrerequisiteError
from app.auth.permissions import Permission, Role
from app.catalogue.managing import courses as managing
from app.catalogue.models import CoursePrerequisite
from app.extensions.services import Services
from tests.factories import make_account, make_place, make_student
from tests.functional.enrolment.conftest import Registry, engine, hall, registry
from tests.functional.management.conftest import Desk, DeskOf, code
from tests.meeting import GENEROUS_S

__all__ = ["engine", "hall", "registry"]

M = "/api/manage"
TERM = {"code": 20271, "name": "2027 秋", "starts_on": "2027-09-06", "weeks": 18, "teaching_free_days": ["2027-10-01"]}


@pytest.fixture
def college(services: Services) -> str:
    return str(make_place(services).college_id)


def course(college: str, number: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        "code": f"CS{number:04d}",
        "name": f"课程 {number}",
        "campus": "主校区",
        "college_id": college,
        "category": "专业必修",
        "credits": 2.5,
        **fields,
    }


def test_terms(desk: Desk) -> None:
    term = desk.make(f"{M}/terms", **TERM)
    found = desk.get(f"{M}/terms/{term}").json
    assert {name: found[name] for name in TERM} == TERM
    assert (found["current"], found["version"]) == (True, 1)
    changed = desk.patch(f"{M}/terms/{term}", {"weeks": 16, "teaching_free_days": [], "version": 1}).json
    assert (changed["weeks"], changed["teaching_free_days"], changed["version"]) == (16, [], 2)
    assert code(desk.patch(f"{M}/terms/{term}", {"weeks": 15, "version": 1})) == (409, "conflict")
    assert code(desk.post(f"{M}/terms", TERM)) == (409, "term_taken")
    headers = {**desk.headers, "Accept-Language": "zh"}
    tuesday = desk.client.post(f"{M}/terms", headers=headers, json={**TERM, "code": 20272, "starts_on": "2027-09-07"})
    assert (code(tuesday), tuesday.json["errors"]) == ((422, "invalid_input"), {"starts_on": ["必须是周一。"]})
    for wrong in ({"starts_on": "2027-02-30"}, {"starts_on": "soon"}, {"weeks": 31}, {"code": 1}):
        assert desk.post(f"{M}/terms", {**TERM, **wrong}).status_code == 422
    assert [one["id"] for one in desk.get(f"{M}/terms").json["items"]] == [term]
    assert desk.delete(f"{M}/terms/{term}").status_code == 204
    assert code(desk.get(f"{M}/terms/{term}")) == (404, "term_not_found")


def test_a_term_with_something_in_it_stays(desk: Desk, registry: Registry) -> None:
    registry.section(None)
    answer = desk.delete(f"{M}/terms/{registry.term}")
    assert code(answer) == (409, "in_use")
    assert answer.json["uses"] == {"sections": 1, "rounds": 1}


def test_a_term_is_not_cut_below_its_meetings(desk: Desk, registry: Registry) -> None:
    from tests.functional.enrolment.conftest import MONDAY_1_2  # weeks 1 to 16

    registry.section(None, MONDAY_1_2)
    answer = desk.patch(f"{M}/terms/{registry.term}", {"weeks": 15})
    assert (code(answer), answer.json["meetings"]) == ((409, "term_weeks_used"), 1)
    assert desk.patch(f"{M}/terms/{registry.term}", {"weeks": 17}).status_code == 200


def test_courses(desk: Desk, college: str, engine: Engine) -> None:
    first = desk.make(f"{M}/courses", **course(college))
    second = desk.make(f"{M}/courses", **course(college, 2, prerequisites=[first]))
    found = desk.get(f"{M}/courses/{second}").json
    assert (found["code"], found["credits"], found["college"]) == ("CS0002", 2.5, "计算机学院")
    assert found["prerequisites"] == [{"id": first, "code": "CS0001", "name": "课程 1"}]
    assert [one["id"] for one in desk.get(f"{M}/courses").json["items"]] == [first, second]
    assert desk.get(f"{M}/courses", q="CS0002").json["items"] == [found]
    assert code(desk.post(f"{M}/courses", course(college))) == (409, "course_taken")
    assert code(desk.post(f"{M}/courses", course("1", 3))) == (404, "college_not_found")
    assert code(desk.post(f"{M}/courses", course(college, 3, prerequisites=["7"]))) == (422, "invalid_input")
    assert code(desk.post(f"{M}/courses", course(college, 3, credits=2.55))) == (422, "invalid_input")
    changed = desk.patch(f"{M}/courses/{second}", {"name": "新名", "credits": 3, "prerequisites": []}).json
    assert (changed["name"], changed["credits"], changed["prerequisites"], changed["version"]) == ("新名", 3.0, [], 2)
    assert desk.patch(f"{M}/courses/{second}", {"prerequisites": []}).json["version"] == 2
    assert desk.patch(f"{M}/courses/{second}", {"prerequisites": [first]}).json["version"] == 3
    answer = desk.delete(f"{M}/courses/{first}")
    assert (code(answer), answer.json["uses"]) == ((409, "in_use"), {"courses_that_need_it": 1})
    assert desk.delete(f"{M}/courses/{second}").status_code == 204
    assert desk.delete(f"{M}/courses/{first}").status_code == 204
    assert code(desk.delete(f"{M}/courses/{first}")) == (404, "course_not_found")
    answer = desk.delete(f"{M}/colleges/{college}")
    assert answer.json["uses"] == {"departments": 1}


def test_a_college_with_courses_stays(desk: Desk) -> None:
    college = desk.make(f"{M}/colleges", name="理学院")
    desk.make(f"{M}/courses", **course(college))
    assert desk.delete(f"{M}/colleges/{college}").json["uses"] == {"courses": 1}


def test_no_course_needs_itself(desk: Desk, college: str, engine: Engine) -> None:
    a, b, c = (desk.make(f"{M}/courses", **course(college, number)) for number in (1, 2, 3))
    assert desk.patch(f"{M}/courses/{b}", {"prerequisites": [a]}).status_code == 200
    assert desk.patch(f"{M}/courses/{c}", {"prerequisites": [b]}).status_code == 200
    for needed in (a, c):
        answer = desk.patch(f"{M}/courses/{a}", {"prerequisites": [needed]})
        assert (code(answer), answer.json["course_id"]) == ((409, "prerequisite_cycle"), needed)


@pytest.mark.parametrize("guarded", [True, False])
def test_a_circle_closed_by_two_at_once(
    desk: Desk, college: str, services: Services, engine: Engine, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """a → b and c → d are there; b → c and d → a share no course, and only together close the circle."""
    from contextlib import nullcontext

    from app.catalogue.managing import prerequisites

    a, b, c, d = (desk.make(f"{M}/courses", **course(college, number)) for number in (1, 2, 3, 4))
    for one, needed in ((a, b), (c, d)):
        assert desk.patch(f"{M}/courses/{one}", {"prerequisites": [needed]}).status_code == 200
    if not guarded:
        monkeypatch.setattr(managing, "alone", lambda *_: nullcontext())
        both = gevent.event.Event()
        real, seen = prerequisites._check_circle, []

        def check_then_wait(*arguments: Any) -> None:
            real(*arguments)
            seen.append(1)
            if len(seen) == 2:
                both.set()
            assert both.wait(GENEROUS_S)

        monkeypatch.setattr(prerequisites, "_check_circle", check_then_wait)
    tries = [gevent.spawn(desk.patch, f"{M}/courses/{x}", {"prerequisites": [y]}) for x, y in ((b, c), (d, a))]
    statuses = sorted(one.get(timeout=GENEROUS_S).status_code for one in tries)
    assert statuses == ([200, 409] if guarded else [200, 200])
    with services.db.transaction() as session:
        there = select(CoursePrerequisite).where(CoursePrerequisite.is_deleted.is_(False))
        assert len(session.scalars(there).all()) == (3 if guarded else 4)


def test_prerequisites_reach_redis_at_once(desk: Desk, registry: Registry) -> None:
    needed, wanted = registry.course(), registry.course()
    section = registry.section(wanted)
    first, second = registry.student(), registry.student()
    assert registry.settled(first, section).state == "confirmed"
    assert desk.patch(f"{M}/courses/{wanted}", {"prerequisites": [str(needed)]}).status_code == 200
    with pytest.raises(PrerequisiteError):
        registry.enrol(second, section)
    assert registry.holds(first) == {section: "confirmed"}  # who has it keeps it


def test_credits_stay_while_somebody_has_the_course(desk: Desk, registry: Registry) -> None:
    wanted = registry.course("2.0")
    section = registry.section(wanted)
    student, other = registry.student(), registry.student(limit="2.5")
    claim = registry.settled(student, section)
    answer = desk.patch(f"{M}/courses/{wanted}", {"credits": 3})
    assert (code(answer), answer.json["enrolments"]) == ((409, "credits_in_use"), 1)
    assert desk.patch(f"{M}/courses/{wanted}", {"credits": 2.0, "name": "同值"}).status_code == 200
    registry.drop(student, section)
    registry.hall.settle()
    assert registry.standing(claim.id).state == "cancelled"
    assert desk.patch(f"{M}/courses/{wanted}", {"credits": 3}).status_code == 200
    with pytest.raises(CreditLimitError):  # by Redis, at once
        registry.enrol(other, section)


def test_study_plans(desk: Desk, services: Services, engine: Engine) -> None:
    place = make_place(services)
    class_id, wanted = str(place.class_id), desk.make(f"{M}/courses", **course(str(place.college_id)))
    fields = {"class_id": class_id, "course_id": wanted, "recommended_term": 3, "required": True}
    line = desk.make(f"{M}/programme-courses", **fields)
    found = desk.get(f"{M}/programme-courses/{line}").json
    assert (found["course_code"], found["class_name"], found["required"]) == ("CS0001", "软工2401班", True)
    assert desk.get(f"{M}/programme-courses", class_id=class_id).json["items"] == [found]
    assert desk.get(f"{M}/programme-courses", class_id="1").json["items"] == []
    assert code(desk.post(f"{M}/programme-courses", fields)) == (409, "planned_twice")
    assert code(desk.post(f"{M}/programme-courses", {**fields, "class_id": "1"})) == (404, "class_not_found")
    assert code(desk.post(f"{M}/programme-courses", {**fields, "course_id": "1"})) == (404, "course_not_found")
    changed = desk.patch(f"{M}/programme-courses/{line}", {"recommended_term": 4, "required": False, "version": 1}).json
    assert (changed["recommended_term"], changed["required"], changed["version"]) == (4, False, 2)
    assert desk.delete(f"{M}/classes/{class_id}").json["uses"] == {"programme_courses": 1}
    assert desk.delete(f"{M}/courses/{wanted}").json["uses"] == {"programme_courses": 1}
    assert desk.delete(f"{M}/programme-courses/{line}").status_code == 204
    assert code(desk.delete(f"{M}/programme-courses/{line}")) == (404, "programme_course_not_found")
    assert desk.post(f"{M}/programme-courses", fields).status_code == 201


def test_credit_accounts(desk: Desk, registry: Registry) -> None:
    student = registry.student(limit="2.0")
    path = f"{M}/credit-accounts"
    (found,) = desk.get(path, term_id=str(registry.term)).json["items"]
    assert (found["username"], found["credit_limit"], found["used"]) == (student.username, 2.0, 0.0)
    one = f"{path}/{found['id']}"
    first, second = registry.section(registry.course("2.0")), registry.section(registry.course("2.0"))
    registry.settled(student, first)
    with pytest.raises(CreditLimitError):
        registry.enrol(student, second)
    assert desk.patch(one, {"credit_limit": 4, "version": 1}).json["credit_limit"] == 4.0
    assert registry.settled(student, second).state == "confirmed"  # Redis was told
    answer = desk.patch(one, {"credit_limit": 3.9})
    assert (code(answer), answer.json["used"]) == ((409, "credits_used"), "4.0")
    assert code(desk.patch(one, {"credit_limit": 5, "version": 1})) == (409, "conflict")
    answer = desk.delete(one)
    assert (code(answer), answer.json["uses"]) == ((409, "in_use"), {"enrolments": 2})
    again = {"student_id": str(student.id), "term_id": str(registry.term), "credit_limit": 9}
    assert code(desk.post(path, again)) == (409, "credit_account_taken")
    assert registry.used(student) == Decimal("4.0")


def test_an_account_comes_and_goes(desk: Desk, registry: Registry, services: Services) -> None:
    student = make_student(services)
    section, other = registry.section(registry.course("2.0")), registry.section(registry.course("2.0"))
    fields = {"student_id": str(student.id), "term_id": str(registry.term), "credit_limit": 1.5}
    account = desk.make(f"{M}/credit-accounts", **fields)
    with pytest.raises(CreditLimitError):
        registry.enrol(student, section)
    assert desk.delete(f"{M}/credit-accounts/{account}").status_code == 204
    assert code(desk.get(f"{M}/credit-accounts/{account}")) == (404, "credit_account_not_found")
    for one in (section, other):  # what everybody may
        assert registry.settled(student, one).state == "confirmed"
    for wrong in ({"student_id": "1"}, {"term_id": "1"}):
        assert desk.post(f"{M}/credit-accounts", {**fields, **wrong}).status_code == 404


def test_only_who_may(services: Services, desk_of: DeskOf) -> None:
    left = make_account(services, Role.MANAGER, permissions=[Permission.ORG_MANAGE.value])
    for account in (left, make_student(services), make_account(services, Role.TEACHER)):
        one = desk_of(account)
        for path in ("terms", "courses", "programme-courses", "credit-accounts"):
            assert one.get(f"{M}/{path}").status_code == 403
            assert one.post(f"{M}/{path}", {}).status_code == 403
            for answer in (one.get(f"{M}/{path}/1"), one.patch(f"{M}/{path}/1", {}), one.delete(f"{M}/{path}/1")):
                assert answer.status_code == 403
