"""Deleting: drafts only, and nothing of what students have done is lost."""

from __future__ import annotations

from flask.testing import FlaskClient

from app.auth.permissions import Role
from app.extensions.services import Services
from app.lectures.booking import book, cancel
from tests.factories import actor_for, make_account
from tests.functional.lectures.conftest import Desk, Hall, Maker, desk_of


def url(lecture_id: int) -> str:
    return f"/api/manage/lectures/{lecture_id}"


def test_a_draft_is_deleted_and_its_room_is_free_again(make: Maker, desk: Desk) -> None:
    lecture = make(state="draft").lecture
    there = {"place": lecture.place, "guard_room": True}
    other = make(place="别处").lecture.id
    assert desk.patch(url(other), there).json["code"] == "room_taken"
    answer = desk.delete(url(lecture.id))
    assert (answer.status_code, answer.data) == (204, b"")
    assert desk.get(url(lecture.id)).json["code"] == "lecture_not_found"
    assert [one["id"] for one in desk.get("/api/manage/lectures").json["items"]] == [str(other)]
    assert desk.patch(url(other), there).status_code == 200
    for again in (desk.delete(url(lecture.id)), desk.patch(url(lecture.id), {"title": "a"}), desk.delete(url(5))):
        assert (again.status_code, again.json["code"]) == (404, "lecture_not_found")


def test_nothing_but_drafts(make: Maker, desk: Desk) -> None:
    lecture_id = make().lecture.id
    for state in ("published", "cancelled"):
        desk.patch(url(lecture_id), {"state": state})
        answer = desk.delete(url(lecture_id))
        assert (answer.status_code, answer.json["code"], answer.json["state"]) == (409, "lecture_state", state)
        assert desk.get(url(lecture_id)).json["state"] == state


def test_a_log_keeps_the_title_of_what_became_a_draft_and_was_deleted(
    make: Maker, desk: Desk, hall: Hall, client: FlaskClient, services: Services
) -> None:
    lecture = make().lecture
    (student,) = hall.students(1)
    (booking,) = hall.book(lecture.id, [student])
    cancel(hall.engine, actor_for(services, student), lecture.id, "key-to-cancel")
    hall.settle()
    assert desk.patch(url(lecture.id), {"state": "draft"}).status_code == 200
    assert desk.delete(url(lecture.id)).status_code == 204
    mine = desk_of(client, services, student).get("/api/me/claims").json["items"]
    assert [(one["state"], one["offering_title"]) for one in mine if one["claim_id"] == booking.id] == [
        ("cancelled", lecture.title)
    ]


def test_a_claim_on_its_way_to_a_lecture_that_is_deleted_is_rejected(make: Maker, desk: Desk, hall: Hall) -> None:
    lecture = make().lecture
    (student,) = hall.students(1)
    book(hall.engine, actor_for(hall.services, student), lecture.id, "key-00000001")
    assert desk.patch(url(lecture.id), {"state": "draft"}).status_code == 200
    assert desk.delete(url(lecture.id)).status_code == 204
    assert [(one.state, one.hold) for one in hall.settle()] == [("rejected", "none")]


def test_who_may(make: Maker, client: FlaskClient, services: Services) -> None:
    lecture_id = make(state="draft").lecture.id
    assert client.delete(url(lecture_id)).status_code == 401
    for role in (Role.STUDENT, Role.CHECKIN):
        assert desk_of(client, services, make_account(services, role)).delete(url(lecture_id)).status_code == 403
