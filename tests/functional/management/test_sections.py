"""/api/manage/sections, while students are choosing; rosters; and a student who leaves."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

import gevent
import pytest
from sqlalchemy import select, text

from app.admission.errors import FrozenError, SoldOutError, TimetableClashError
from app.admission.models import SeatPool
from app.auth.models import Account
from app.auth.permissions import Role
from app.catalogue.errors import SectionNotFoundError
from app.enrolment.enrolling import enrol
from app.enrolment.sections import editing
from app.extensions.services import Services
from app.org.models import Student, Teacher
from tests.factories import actor_for, make_account, make_place, make_student
from tests.functional.enrolment.conftest import MONDAY_1_2, TUESDAY_1_2, Registry, engine, hall, registry
from tests.functional.management.conftest import Desk, DeskOf, code
from tests.meeting import GENEROUS_S, until_done_or_held_up

__all__ = ["engine", "hall", "registry"]

S = "/api/manage/sections"
MONDAY = {"weekday": 1, "first_period": 1, "last_period": 2, "weeks": "1-16周", "place": "教一 101"}
TUESDAY = {**MONDAY, "weekday": 2}


def wish(registry: Registry, **fields: Any) -> dict[str, Any]:
    given = {"course_id": str(registry.course()), "term_id": str(registry.term), "capacity": 2, "state": "published"}
    return {**given, **fields}


def teacher(services: Services, name: str = "陈教授") -> Account:
    account = make_account(services, Role.TEACHER, display_name=name)
    with services.db.transaction() as session:
        college = make_place(services).college_id
        number = str(account.id)[-12:]
        session.add(Teacher(id=services.ids.next_id(), account_id=account.id, teacher_no=number, college_id=college))
    return account


def pool(registry: Registry, section: int) -> tuple[int, int, int, int]:
    """MariaDB's (capacity, taken, line capacity, waiting)."""
    with registry.services.db.transaction() as session:
        row = session.scalars(select(SeatPool).where(SeatPool.offering_id == section)).one()
        return row.capacity, row.taken, row.line_capacity, row.waiting


def live(registry: Registry, section: int) -> tuple[int, int]:
    """Redis's (seats left, waiting)."""
    store = registry.engine.store
    return registry.engine.epochs.fenced(lambda fence: store.seats("section", [section], fence=fence))[0]["0"]


def test_a_section_can_be_chosen_when_the_answer_is_out(desk: Desk, registry: Registry, services: Services) -> None:
    account = teacher(services)
    answer = desk.post(S, wish(registry, teacher_id=str(account.id), meetings=[MONDAY], waitlist_capacity=1))
    made = answer.json
    assert answer.status_code == 201
    assert (made["section_no"], made["teacher_names"], made["state"]) == (1, "陈教授", "published")
    assert [(one["weekday"], one["weeks"], one["place"]) for one in made["meetings"]] == [(1, "weeks 1-16", "教一 101")]
    assert made["restrictions"] == []
    assert registry.settled(registry.student(), int(made["id"])).state == "confirmed"
    again = desk.post(S, wish(registry, course_id=made["course_id"])).json
    assert again["section_no"] == 2
    answer = desk.post(S, wish(registry, course_id=made["course_id"], section_no=2))
    assert (code(answer), answer.json["section_no"]) == ((409, "section_taken"), 2)


def test_a_draft_is_nobodys_business(desk: Desk, registry: Registry, client: Any) -> None:
    section = int(desk.make(S, **wish(registry, state="draft")))
    with pytest.raises(SectionNotFoundError):
        registry.enrol(registry.student(), section)
    assert client.get(f"/api/sections/{section}").status_code == 404
    assert desk.get(S, state="draft").json["items"][0]["id"] == str(section)
    assert desk.get(S, state="published").json["items"] == []
    assert desk.patch(f"{S}/{section}", {"state": "published"}).json["version"] == 2
    registry.engine.sheets._known.clear()
    student = registry.student()
    assert registry.settled(student, section).state == "confirmed"
    answer = desk.patch(f"{S}/{section}", {"state": "draft"})
    assert (code(answer), answer.json["taken"], answer.json["waiting"]) == ((409, "section_chosen"), 1, 0)


def test_seats_up_and_down_while_open(desk: Desk, registry: Registry) -> None:
    section = int(desk.make(S, **wish(registry, capacity=1, waitlist_capacity=2)))
    first, second, third = (registry.student() for _ in range(3))
    claims = [registry.settled(one, section) for one in (first, second, third)]
    assert [one.state for one in claims] == ["confirmed", "waitlisted", "waitlisted"]
    found = desk.patch(f"{S}/{section}", {"capacity": 2, "version": 1}).json
    assert (found["capacity"], found["seats_left"], found["waiting"]) == (2, 0, 1)
    assert registry.standing(claims[1].id).state == "confirmed"
    assert (pool(registry, section), live(registry, section)) == ((2, 2, 2, 1), (0, 1))
    answer = desk.patch(f"{S}/{section}", {"capacity": 1})
    assert (code(answer), answer.json["taken"]) == ((409, "capacity_taken"), 2)
    assert (pool(registry, section), live(registry, section)) == ((2, 2, 2, 1), (0, 1))
    assert code(desk.patch(f"{S}/{section}", {"waitlist_capacity": 0})) == (409, "capacity_taken")
    assert desk.patch(f"{S}/{section}", {"capacity": 5}).json["seats_left"] == 2
    assert desk.patch(f"{S}/{section}", {"waitlist_capacity": 0}).status_code == 200
    assert (pool(registry, section), live(registry, section)) == ((5, 3, 0, 0), (2, 0))
    assert desk.patch(f"{S}/{section}", {"capacity": 3}).json["seats_left"] == 0
    with pytest.raises(SoldOutError):
        registry.enrol(registry.student(), section)
    assert registry.used(second) == Decimal("2.0")
    answer = desk.patch(f"{S}/{section}", {"capacity": 9, "version": 1})
    assert (code(answer), answer.json["version"]) == ((409, "conflict"), 5)
    assert desk.patch(f"{S}/{section}", {"capacity": 3}).json["version"] == 5  # nothing new


def test_other_times_reach_redis_and_those_who_have_it(desk: Desk, registry: Registry) -> None:
    section, other = registry.section(None, MONDAY_1_2), registry.section(None, TUESDAY_1_2)
    student, newcomer = registry.student(), registry.student()
    registry.settled(student, section)
    assert desk.patch(f"{S}/{section}", {"meetings": [TUESDAY]}).status_code == 200
    for one in (student, newcomer):
        if one is newcomer:
            registry.settled(one, section)
        with pytest.raises(TimetableClashError):
            registry.enrol(one, other)
    monday = registry.section(None, MONDAY_1_2)
    assert registry.settled(student, monday).state == "confirmed"  # that time is free again


def test_times_that_break_a_timetable_want_a_reason(desk: Desk, registry: Registry) -> None:
    section, other = registry.section(None, MONDAY_1_2), registry.section(None, TUESDAY_1_2)
    student, free = registry.student(), registry.student()
    for one, where in ((student, section), (student, other), (free, section)):
        assert registry.settled(one, where).state == "confirmed"
    answer = desk.patch(f"{S}/{section}", {"meetings": [TUESDAY]})
    assert (code(answer), answer.json["students"]) == ((409, "meetings_clash"), 1)
    assert desk.get(f"{S}/{section}").json["meetings"][0]["weekday"] == 1
    assert code(desk.patch(f"{S}/{section}", {"meetings": [TUESDAY], "force": True})) == (422, "invalid_input")
    forced = {"meetings": [TUESDAY], "force": True, "reason": "教室调整"}
    assert desk.patch(f"{S}/{section}", forced).json["meetings"][0]["weekday"] == 2
    assert registry.holds(student) == {section: "confirmed", other: "confirmed"}  # both are kept


@pytest.mark.parametrize("guarded", [True, False])
def test_a_student_comes_in_while_times_change(
    desk: Desk, registry: Registry, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Between looking for clashes and writing, a student of the section settles elsewhere at the new time."""
    section, other = registry.section(None, MONDAY_1_2), registry.section(None, TUESDAY_1_2)
    student = registry.student()
    registry.settled(student, section)
    if not guarded:
        monkeypatch.setattr(editing, "lock_holders", lambda *_: [])
    settling: list[gevent.Greenlet] = []
    real = editing.clashing

    def look_then_pause(*arguments: Any) -> Any:
        found = real(*arguments)
        registry.enrol(student, other)  # Redis does not know of the new times yet
        settling.append(gevent.spawn(registry.hall.settle))
        until_done_or_held_up(settling[0], registry.services.db)  # with the account locked, it waits for the edit
        return found

    monkeypatch.setattr(editing, "clashing", look_then_pause)
    assert desk.patch(f"{S}/{section}", {"meetings": [TUESDAY]}).status_code == 200
    settling[0].get(timeout=GENEROUS_S)
    assert registry.holds(student) == (
        {section: "confirmed"} if guarded else {section: "confirmed", other: "confirmed"}
    )


def test_calling_it_off(desk: Desk, registry: Registry) -> None:
    section = registry.section(registry.course("3.0"), MONDAY_1_2, capacity=1, line=1)
    student, waiting = registry.student(), registry.student()
    claims = [registry.settled(one, section) for one in (student, waiting)]
    answer = desk.post(f"{S}/{section}/cancel", {"reason": "教师离职", "version": 1}).json
    assert (answer["state"], answer["waiting"]) == ("cancelled", 0)
    assert [registry.standing(one.id).reason for one in claims] == ["section_cancelled"] * 2
    assert [registry.used(one) for one in (student, waiting)] == [Decimal(0)] * 2
    assert pool(registry, section)[1::2] == (0, 0)
    other = registry.section(None, MONDAY_1_2)
    assert registry.settled(student, other).state == "confirmed"  # time and credits are free again, in Redis too
    assert code(desk.patch(f"{S}/{section}", {"capacity": 9})) == (409, "section_cancelled")
    assert desk.post(f"{S}/{section}/cancel", {"reason": "again"}).status_code == 200
    assert desk.delete(f"{S}/{section}").status_code == 204
    assert code(desk.get(f"{S}/{section}")) == (404, "section_not_found")


def test_what_is_published_is_not_deleted(desk: Desk, registry: Registry) -> None:
    section = registry.section(None)
    answer = desk.delete(f"{S}/{section}")
    assert (code(answer), answer.json["uses"]) == ((409, "in_use"), {"published": 1, "enrolments": 0})
    draft = desk.make(S, **wish(registry, state="draft"))
    assert desk.delete(f"{S}/{draft}").status_code == 204
    for answer in (desk.patch(f"{S}/{draft}", {}), desk.delete(f"{S}/{draft}"), desk.post(f"{S}/{draft}/freeze")):
        assert code(answer) == (404, "section_not_found")


def test_the_brake(desk: Desk, registry: Registry) -> None:
    section = registry.section(None)
    student = registry.student()
    assert desk.post(f"{S}/{section}/freeze").json["frozen"] is True
    assert desk.post(f"{S}/{section}/freeze").json["version"] == 2
    with pytest.raises(FrozenError):
        registry.enrol(student, section)
    assert desk.post(f"{S}/{section}/resume").json["frozen"] is False
    assert registry.settled(student, section).state == "confirmed"


def test_what_cannot_be(desk: Desk, registry: Registry) -> None:
    section = desk.make(S, **wish(registry))
    for wrong in (
        [{**MONDAY, "weeks": "十周"}],
        [{**MONDAY, "weeks": "1-17"}],
        [{**MONDAY, "first_period": 3}],
        [{**MONDAY, "weekday": 8}],
        [MONDAY, {**MONDAY, "first_period": 2, "weeks": "16"}],
    ):
        for answer in (desk.post(S, wish(registry, meetings=wrong)), desk.patch(f"{S}/{section}", {"meetings": wrong})):
            assert code(answer) == (422, "invalid_input"), wrong
            assert set(answer.json["errors"]) == {"meetings"}
    assert code(desk.post(S, wish(registry, course_id="1"))) == (404, "course_not_found")
    assert code(desk.post(S, wish(registry, term_id="1"))) == (404, "term_not_found")
    for account in (1, make_student(registry.services).id):
        assert code(desk.post(S, wish(registry, teacher_id=str(account)))) == (404, "teacher_not_found")
        assert code(desk.patch(f"{S}/{section}", {"teacher_id": str(account)})) == (404, "teacher_not_found")
    assert code(desk.patch(f"{S}/{section}", {"course_id": "1"})) == (422, "invalid_input")  # it is not moved


def test_the_roster_and_whose_it_is(
    desk: Desk, registry: Registry, services: Services, desk_of: DeskOf, client: Any
) -> None:
    account, colleague = teacher(services), teacher(services)
    section = int(desk.make(S, **wish(registry, capacity=1, waitlist_capacity=1, teacher_id=str(account.id))))
    draft = desk.make(S, **wish(registry, state="draft", teacher_id=str(account.id)))
    first, second = registry.student(display_name="=HYPERLINK(1)"), registry.student()
    for one in (first, second):
        registry.settled(one, section)
    own, other = desk_of(account), desk_of(colleague)
    page = desk.get(f"{S}/{section}/enrolments").json
    assert [(one["username"], one["state"], one["position"]) for one in page["items"]] == [
        (first.username, "confirmed", None),
        (second.username, "waitlisted", 1),
    ]
    assert own.get(f"/api/me/sections/{section}/enrolments").json == page
    assert [one["id"] for one in own.get("/api/me/sections").json["items"]] == [str(section)]
    assert other.get("/api/me/sections").json["items"] == []
    assert own.get("/api/me/sections", term_id="1").status_code == 404
    for path in (f"/api/me/sections/{section}/enrolments", f"/api/me/sections/{section}/enrolments.csv"):
        assert code(other.get(path)) == (404, "section_not_found")
        assert desk_of(first).get(path).status_code == 403
    assert own.get(f"{S}/{section}/enrolments").status_code == 403
    assert own.get(f"/api/me/sections/{draft}/enrolments").json["items"] == []
    for path in (f"/api/me/sections/{section}/enrolments.csv",):
        answer = own.get(path)
        rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
        assert (answer.status_code, len(rows), "Checked in at" in rows[0]) == (200, 3, False)
        assert rows[1][2] == "'=HYPERLINK(1)"
    assert desk.get(f"{S}/{section}/enrolments.csv").text == answer.text
    answer = desk.delete(f"/api/manage/teachers/{account.id}")
    assert (code(answer), answer.json["uses"]) == ((409, "in_use"), {"sections": 2})


def test_a_student_who_leaves(desk: Desk, registry: Registry, services: Services) -> None:
    section = registry.section(None, capacity=1, line=2)
    leaving, waiting = registry.student(), registry.student()
    claims = [registry.settled(one, section) for one in (leaving, waiting)]
    token = actor_for(services, leaving)
    answer = desk.delete(f"/api/manage/students/{leaving.id}")
    assert (code(answer), answer.json["uses"]) == ((409, "in_use"), {"enrolments": 1})
    found = desk.post(f"/api/manage/students/{leaving.id}/withdraw", {"reason": "退学"}).json
    assert (found["status"], found["account_status"]) == ("withdrawn", "disabled")
    ended, promoted = (registry.standing(one.id) for one in claims)
    assert (ended.state, ended.reason) == ("cancelled", "student_withdrawn")
    assert (promoted.state, promoted.reason) == ("confirmed", "promoted")
    assert [registry.used(one) for one in (leaving, waiting)] == [Decimal(0), Decimal("2.0")]
    assert (pool(registry, section), live(registry, section)) == ((1, 1, 2, 0), (0, 0))
    # The access token lives on for minutes: settle knows better.
    other = registry.section(None)
    late = enrol(registry.engine, token, other, registry.key()).claim_id
    registry.hall.settle()
    assert (registry.standing(late).state, registry.standing(late).reason) == ("rejected", "not_a_student")
    assert code(desk.patch(f"/api/manage/students/{leaving.id}", {"phone": "1"})) == (409, "student_withdrawn")
    again = desk.post(f"/api/manage/students/{leaving.id}/withdraw", {"reason": "again"}).json
    assert again["version"] == found["version"]
    assert desk.delete(f"/api/manage/students/{leaving.id}").status_code == 204


@pytest.mark.parametrize("guarded", [True, False])
def test_a_claim_on_its_way_and_a_deletion(
    desk: Desk, registry: Registry, services: Services, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Between counting what the student holds and deleting him, a claim of his settles: the account's lock keeps them
    apart."""
    import blueprints.people_admin.routes  # noqa: F401
    from app import references
    from app.enrolment import judging

    section, student = registry.section(None), make_student(services)  # who has no credit account yet
    registry.enrol(student, section)
    settling: list[gevent.Greenlet] = []
    real = references.live_by_kind

    def count_then_pause(session: Any, student_id: int) -> dict[str, int]:
        found = real(session, student_id)
        settling.append(gevent.spawn(registry.hall.settle))
        until_done_or_held_up(settling[0], services.db)
        return found

    monkeypatch.setattr(references, "live_by_kind", count_then_pause)
    monkeypatch.setattr(judging, "hold_students", lambda *_: set())  # the other guard: the student's own row
    if not guarded:
        monkeypatch.setattr(references, "lock_credits", lambda *_: None)
    assert desk.delete(f"/api/manage/students/{student.id}").status_code == 204
    settling[0].get(timeout=GENEROUS_S)
    with services.db.transaction() as session:
        assert session.scalars(select(Student.is_deleted).where(Student.account_id == student.id)).one()
        live_claims = "SELECT count(*) FROM enrolment WHERE student_id = :one AND active = 1"
        assert session.scalar(text(live_claims), {"one": student.id}) == (0 if guarded else 1)


def test_only_who_may(services: Services, desk_of: DeskOf) -> None:
    left = make_account(services, Role.MANAGER, permissions=["org:manage"])
    for account in (left, make_student(services), make_account(services, Role.TEACHER)):
        one = desk_of(account)
        assert one.get(S).status_code == 403
        assert one.post(S, {}).status_code == 403
        for answer in (one.get(f"{S}/1"), one.patch(f"{S}/1", {}), one.delete(f"{S}/1")):
            assert answer.status_code == 403
        for action in ("cancel", "freeze", "resume"):
            assert one.post(f"{S}/1/{action}", {"reason": "x"}).status_code == 403
        for path in (f"{S}/1/enrolments", f"{S}/1/enrolments.csv"):
            assert one.get(path).status_code == 403
    assert desk_of(left).get("/api/me/sections").status_code == 403
