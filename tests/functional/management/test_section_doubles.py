"""A room or a teacher in two sections at once: refused, unless somebody says why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gevent
import pytest

from app.auth.models import Account
from app.enrolment.errors import PlaceTakenError
from app.enrolment.sections import creating
from app.enrolment.sections.creating import create_section
from app.enrolment.sections.draft import MeetingDraft
from app.extensions.services import Services
from app.extensions.versions import locked
from app.notices.outcomes import OutcomeNotices
from tests.factories import actor_for, bearer
from tests.functional.enrolment.conftest import MONDAY_1_2, TUESDAY_1_2, Registry, engine, hall, manager, registry
from tests.functional.management.conftest import Desk, code
from tests.functional.management.test_sections import MONDAY, TUESDAY, S, teacher, wish
from tests.meeting import GENEROUS_S, until_done_or_held_up

__all__ = ["engine", "hall", "manager", "registry"]

FORCED = {"force": True, "reason": "合班上课"}
Make = Callable[..., str]


@pytest.fixture
def make(desk: Desk, registry: Registry) -> Make:
    return lambda **fields: desk.make(S, **wish(registry, **{"meetings": [MONDAY], **fields}))


def test_a_room_is_in_one_section_at_a_time(desk: Desk, registry: Registry, make: Make) -> None:
    first = make()
    answer = desk.post(
        S, wish(registry, meetings=[{**MONDAY, "place": " 教一 101 ", "first_period": 2, "last_period": 3}])
    )
    assert code(answer) == (409, "place_taken")
    told = answer.json
    assert (told["name"], told["offering_id"], told["when"]) == ("教一 101", first, "Mon period 2, weeks 1-16")
    assert told["offering_title"] in told["detail"]
    assert [(one["kind"], one["offering_id"]) for one in told["concerned"]] == [("place", first)]
    for free in ({"weekday": 3}, {"place": "教一 102"}, {"first_period": 3, "last_period": 4}):
        make(meetings=[{**MONDAY, **free}])
    make(meetings=[{**MONDAY, "place": "线上"}])
    make(meetings=[{**MONDAY, "place": "线上"}])  # no room


def test_odd_weeks_leave_the_even_ones(desk: Desk, registry: Registry, make: Make) -> None:
    make(meetings=[{**MONDAY, "weeks": "1-16(单)"}])
    make(meetings=[{**MONDAY, "weeks": "1-16(双)"}])
    answer = desk.post(S, wish(registry, meetings=[{**MONDAY, "weeks": "16"}]))
    assert (code(answer), answer.json["when"]) == ((409, "place_taken"), "Mon periods 1–2, week 16")


def test_a_teacher_is_in_one_section_at_a_time(desk: Desk, registry: Registry, services: Services, make: Make) -> None:
    account = teacher(services)
    first = make(teacher_id=str(account.id))
    elsewhere = [{**MONDAY, "place": "教一 102"}]
    answer = desk.post(S, wish(registry, teacher_id=str(account.id), meetings=elsewhere))
    assert (code(answer), answer.json["name"]) == ((409, "teacher_taken"), "陈教授")
    assert [(one["kind"], one["offering_id"]) for one in answer.json["concerned"]] == [("teacher", first)]
    both = desk.post(S, wish(registry, teacher_id=str(account.id), meetings=[MONDAY]))
    assert (code(both), [one["kind"] for one in both.json["concerned"]]) == ((409, "place_taken"), ["place", "teacher"])
    other = make(meetings=elsewhere)
    answer = desk.patch(f"{S}/{other}", {"teacher_id": str(account.id)})
    assert code(answer) == (409, "teacher_taken")
    assert desk.get(f"{S}/{other}").json["teacher_id"] is None
    assert desk.patch(f"{S}/{other}", {"teacher_id": str(account.id), **FORCED}).status_code == 200


def test_editing_asks_of_what_is_new(desk: Desk, registry: Registry, make: Make) -> None:
    make()
    second = make(meetings=[TUESDAY])
    answer = desk.patch(f"{S}/{second}", {"meetings": [TUESDAY, MONDAY]})
    assert code(answer) == (409, "place_taken")
    assert code(desk.patch(f"{S}/{second}", {"meetings": [MONDAY], "force": True})) == (422, "invalid_input")
    assert len(desk.patch(f"{S}/{second}", {"meetings": [TUESDAY, MONDAY], **FORCED}).json["meetings"]) == 2
    # What was forced is not asked about again: one more meeting, and the capacity.
    friday = {**MONDAY, "weekday": 5}
    assert desk.patch(f"{S}/{second}", {"meetings": [TUESDAY, MONDAY, friday]}).status_code == 200
    assert desk.patch(f"{S}/{second}", {"capacity": 9}).status_code == 200


def test_what_is_called_off_or_of_another_term_is_in_nobodys_way(desk: Desk, registry: Registry, make: Make) -> None:
    first = make()
    desk.post(f"{S}/{first}/cancel", {"reason": "x"})
    make()
    term = registry.term
    registry.open_term()
    assert registry.term != term
    make()


def test_a_draft_holds_its_room(desk: Desk, registry: Registry, make: Make) -> None:
    make(state="draft")
    assert code(desk.post(S, wish(registry, meetings=[MONDAY]))) == (409, "place_taken")
    assert desk.post(S, wish(registry, meetings=[MONDAY], **FORCED)).status_code == 201


@pytest.mark.parametrize("guarded", [True, False])
def test_two_want_a_room_at_once(
    registry: Registry, manager: Account, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Of two courses, so that nothing but the term's row keeps them apart."""
    if not guarded:
        shared = lambda session, model, one, missing, **_: locked(session, model, one, missing, shared=True)  # noqa: E731
        monkeypatch.setattr(creating, "locked", shared)
    second, real = list[gevent.Greenlet](), creating.doubles_of

    def look_then_wait(*arguments: Any, **options: Any) -> Any:
        found = real(*arguments, **options)
        if not second:
            second.append(gevent.spawn(add))
            until_done_or_held_up(second[0], registry.services.db)
        return found

    monkeypatch.setattr(creating, "doubles_of", look_then_wait)

    def add() -> str:
        fields = {**wish(registry), "language": "zh", "exam_type": "exam", "waitlist_capacity": 0}
        values = {**fields, "course_id": int(fields["course_id"]), "term_id": registry.term}
        meetings = [MeetingDraft(MONDAY_1_2, "教一 101")]
        try:
            create_section(
                registry.services,
                registry.engine,
                actor_for(registry.services, manager),
                {**values, "meetings": meetings},
            )
        except PlaceTakenError:
            return "taken"
        return "made"

    assert add() == "made"
    assert second[0].get(timeout=GENEROUS_S) == ("taken" if guarded else "made")


def test_students_whose_courses_clash_are_named_and_told(desk: Desk, registry: Registry, client: Any) -> None:
    section, other = registry.section(None, MONDAY_1_2), registry.section(None, TUESDAY_1_2)
    student, free = registry.student(), registry.student()
    for one, where in ((student, section), (student, other), (free, section)):
        assert registry.settled(one, where).state == "confirmed"
    answer = desk.patch(f"{S}/{section}", {"meetings": [TUESDAY]})
    assert (code(answer), answer.json["students"]) == ((409, "meetings_clash"), 1)
    [concerned] = answer.json["concerned"]
    assert (concerned["kind"], concerned["offering_id"]) == ("student", str(other))
    assert student.username in concerned["name"]
    assert concerned["when"] == "Tue periods 1–2, weeks 1-16"
    notices = OutcomeNotices(registry.services, registry.engine)
    notices.follow()
    assert desk.patch(f"{S}/{section}", {"meetings": [TUESDAY], **FORCED}).status_code == 200
    assert (notices.follow(), notices.follow(), OutcomeNotices(registry.services, registry.engine).follow()) == (
        1,
        0,
        0,
    )
    told = client.get("/api/me/notices", headers={**bearer(registry.services, student), "Accept-Language": "zh"}).json[
        "items"
    ]
    assert [(one["title"][:7], one["link"]) for one in told] == [
        ("上课时间冲突：", f"/courses/{course_of(registry, section)}?term_id={registry.term}")
    ]
    assert client.get("/api/me/notices", headers=bearer(registry.services, free)).json["items"] == []


def course_of(registry: Registry, section: int) -> int:
    from app.enrolment.known import published_sheet

    return published_sheet(registry.engine, section).course_id
