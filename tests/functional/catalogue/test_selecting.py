"""A round of the next term is open: what is about choosing means that term, what is about today does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.auth.models import Account
from app.auth.permissions import Role
from app.extensions.services import Services
from tests.clock import TravelClock
from tests.factories import bearer, make_account, make_student
from tests.functional.catalogue.conftest import Catalogue

Ask = Callable[..., Any]


@pytest.fixture
def coming(catalogue: Catalogue) -> int:
    """The next term, with a round that opened yesterday."""
    made = catalogue.term(20262, 20)
    catalogue.round(1, -90, -80)
    catalogue.round(1, -1, 1, term_id=made)
    return made


@pytest.fixture
def student(services: Services, catalogue: Catalogue) -> Account:
    return make_student(services, catalogue.place)


@pytest.fixture
def ask(client: FlaskClient, services: Services) -> Ask:
    def answer(path: str, who: Account | None = None, **options: Any) -> Any:
        headers = bearer(services, who) if who else {}
        done = client.open(f"/api/{path}", headers=headers, **options)
        assert done.status_code < 300, done.json
        return done.json

    return answer


def term_of(terms: Any, flag: str) -> list[int]:
    return [one["code"] for one in terms["items"] if one[flag]]


def test_the_list_says_which_is_which(ask: Ask, coming: int) -> None:
    found = ask("terms")
    assert (term_of(found, "current"), term_of(found, "selecting")) == ([20261], [20262])


def test_lists_are_of_the_term_of_selection(ask: Ask, coming: int, catalogue: Catalogue) -> None:
    course = catalogue.course()
    here, there = catalogue.section(course), catalogue.section(course, term_id=coming)
    assert [one["term_id"] for one in ask("rounds")["items"]] == [str(coming)]
    assert [one["id"] for one in ask("sections")["items"]] == [str(there)]
    assert [one["id"] for one in ask(f"courses/{course}")["sections"]] == [str(there)]
    # whoever names a term gets it
    named = f"term_id={catalogue.term_id}"
    assert [one["term_id"] for one in ask(f"rounds?{named}")["items"]] == [str(catalogue.term_id)]
    assert [one["id"] for one in ask(f"sections?{named}")["items"]] == [str(here)]
    assert [one["id"] for one in ask(f"courses/{course}?{named}")["sections"]] == [str(here)]


def test_a_course_in_a_term_that_there_is_not(client: FlaskClient, catalogue: Catalogue) -> None:
    answer = client.get(f"/api/courses/{catalogue.course()}?term_id=5")
    assert (answer.status_code, answer.json["code"]) == (404, "term_not_found")


def test_what_a_student_has_and_plans(ask: Ask, coming: int, catalogue: Catalogue, student: Account) -> None:
    now, then = catalogue.course("这学期"), catalogue.course("下学期")
    catalogue.plan(now, 5)
    catalogue.plan(then, 6)
    wanted = catalogue.section(then, term_id=coming)
    recommended = [one["course"]["name"] for one in ask("me/programme", student)["items"] if one["recommended"]]
    assert recommended == ["下学期"]
    mine = ask("me/enrolments", student)["term"]
    assert (mine["code"], mine["current"], mine["selecting"]) == (20262, False, True)
    taught = ask(f"me/enrolments?term_id={catalogue.term_id}", student)["term"]
    assert (taught["code"], taught["current"], taught["selecting"], taught["week"]) == (20261, True, False, 3)
    assert ask("me/enrolments?term=current", student)["term"] == taught
    body = {"sections": [str(wanted)], "version": 0}
    assert ask("me/plan", student, method="PUT", json=body)["term_id"] == str(coming)
    assert [one["section"]["id"] for one in ask("me/plan", student)["items"]] == [str(wanted)]


def test_the_desk_and_the_teacher(ask: Ask, coming: int, catalogue: Catalogue, services: Services) -> None:
    manager, teacher = make_account(services, Role.MANAGER), make_account(services, Role.TEACHER)
    course = catalogue.course()
    here, there = (catalogue.section(course, teacher_id=teacher.id, term_id=one) for one in (catalogue.term_id, coming))
    assert [one["id"] for one in ask("manage/sections", manager)["items"]] == [str(there)]
    assert [one["term_id"] for one in ask("manage/rounds", manager)["items"]] == [str(coming)]
    assert [one["id"] for one in ask("me/sections", teacher)["items"]] == [str(here)]
    assert term_of(ask("manage/terms", manager), "selecting") == [20262]
    assert ask(f"manage/terms/{coming}", manager)["selecting"] is True


def test_permits_are_of_the_term_of_selection(ask: Ask, coming: int, services: Services, student: Account) -> None:
    manager = make_account(services, Role.MANAGER)
    body = {"username": student.username, "reason": "欠费"}
    assert ask("manage/holds", manager, method="POST", json=body)["term_id"] == str(coming)
    assert len(ask("manage/holds", manager)["items"]) == 1
    body = {"student_id": str(student.id), "term_id": str(coming), "credit_limit": 12}
    ask("manage/credit-accounts", manager, method="POST", json=body)
    assert [one["term_id"] for one in ask("manage/credit-accounts", manager)["items"]] == [str(coming)]


def test_it_turns_with_the_time(
    ask: Ask, catalogue: Catalogue, student: Account, services: Services, clock: TravelClock
) -> None:
    """A worker that knows the terms and their rounds asks nobody when a round opens or closes."""
    coming = catalogue.term(20262, 20)
    catalogue.round(1, -1, 1)
    catalogue.round(1, 2, 3, term_id=coming)

    def mine() -> int:
        return int(ask("me/enrolments", student)["term"]["code"])

    assert mine() == 20261
    clock.advance(timedelta(days=1.5).total_seconds())
    assert mine() == 20262
    clock.advance(timedelta(days=1).total_seconds())
    assert mine() == 20262
    clock.advance(timedelta(days=1).total_seconds())
    assert (mine(), term_of(ask("terms"), "selecting")) == (20262, [20262])


def test_a_draft_moves_nothing(ask: Ask, catalogue: Catalogue) -> None:
    coming = catalogue.term(20262, 20)
    catalogue.round(1, -1, 1, term_id=coming, state="draft")
    catalogue.round(2, -1, 1, term_id=coming, is_deleted=True)
    assert term_of(ask("terms"), "selecting") == [20261]
