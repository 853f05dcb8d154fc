"""Whoever missed too many lectures books no more in that term."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.factories import bearer
from tests.functional.lectures.conftest import Desk, Hall, Maker, desk_of
from tests.functional.lectures.quotas import Season, season_of
from tests.functional.lectures.test_standing import standing

URL = "/api/manage/lectures/no-shows"


@pytest.fixture
def season(hall: Hall) -> Season:
    made = season_of(hall)
    made.set("lecture_no_shows", 2)
    return made


def test_missing_as_many_as_that_holds(season: Season, make: Maker, client: FlaskClient) -> None:
    services = season.hall.services
    lectures = [make().lecture.id for _ in range(4)]
    absent, present = season.hall.students(2)
    for student in (absent, present):
        assert season.settled(student, *lectures[:2]) == ["confirmed"] * 2
    season.end(lectures[0], came=[present])
    assert season.settled(absent, lectures[2]) == ["confirmed"]  # once is not twice
    season.end(lectures[1], came=[present])
    assert season.account(absent)["bar"] == "2"
    headers = {**bearer(services, absent), "Idempotency-Key": "key-no-show"}
    answer = client.post(f"/api/lectures/{lectures[3]}/bookings", headers=headers)
    assert (answer.status_code, answer.json["code"], answer.json["missed"]) == (403, "no_show_hold", 2)
    assert standing(client, services, absent, lectures[3])["reason"] == "no_show_hold"
    claim = season.unseen(absent, lectures[3])
    season.hall.settle([claim])
    assert season.state(claim.id) == "rejected no_show_hold"
    assert season.settled(present, lectures[3]) == ["confirmed"]
    assert season.differences() == []
    season.cancel(absent, lectures[2])  # what he has he may give up
    season.set("lecture_no_shows", 3)
    assert season.settled(absent, lectures[3]) == ["confirmed"]


def test_without_check_in_nobody_knows_who_came(season: Season, make: Maker) -> None:
    lectures = [make().lecture.id for _ in range(3)]
    [student] = season.hall.students(1)
    season.settled(student, *lectures[:2])
    for lecture in lectures[:2]:
        season.end(lecture)
    assert season.settled(student, lectures[2]) == ["confirmed"]


def test_who_waits_is_passed_over(season: Season, make: Maker) -> None:
    missed, full = [make().lecture.id for _ in range(2)], make(capacity=1, waitlist_capacity=5).lecture.id
    holder, absent, next_one = season.hall.students(3)
    assert season.settled(holder, full) == ["confirmed"]
    [present] = season.hall.students(1)
    for student in (absent, present):
        season.settled(student, *missed)
    waits = [season.book(one, full) for one in (absent, next_one)]
    season.hall.settle()
    for lecture in missed:
        season.end(lecture, came=[present])
    season.cancel(holder, full)
    assert [season.state(one) for one in waits] == ["expired no_show_hold", "confirmed"]


def test_a_manager_sees_and_forgives(season: Season, make: Maker, desk: Desk, client: FlaskClient) -> None:
    lectures = [make().lecture.id for _ in range(4)]
    absent, late, present = sorted(season.hall.students(3), key=lambda one: one.id)
    for student in (absent, late, present):
        season.settled(student, *lectures[: 1 if student is late else 2])
    for lecture in lectures[:2]:
        season.end(lecture, came=[present])
    seen = desk.get(f"{URL}?limit=1").json
    assert [(one["username"], one["missed"], one["waived"], one["held"]) for one in seen["items"]] == [
        (absent.username, 2, 0, True)
    ]
    rest = desk.get(f"{URL}?limit=1&cursor={seen['next_cursor']}").json
    assert [(one["username"], one["missed"], one["held"]) for one in rest["items"]] == [(late.username, 1, False)]
    assert [one["username"] for one in desk.get(f"{URL}?q={late.username}").json["items"]] == [late.username]
    body = {"student_id": str(absent.id), "term_id": str(season.term)}
    assert desk_of(client, season.hall.services, present).post(f"{URL}/waivers", body).status_code == 403
    assert desk.post(f"{URL}/waivers", {**body, "student_id": "1"}).status_code == 404
    assert desk.post(f"{URL}/waivers", {**body, "term_id": "1"}).status_code == 404
    forgiven = desk.post(f"{URL}/waivers", body)
    assert (forgiven.status_code, forgiven.json["waived"], forgiven.json["held"]) == (200, 2, False)
    assert desk.get(f"{URL}?q={absent.username}").json["items"] == [forgiven.json]
    assert season.account(absent)["bar"] == ""  # Redis hears of it with the answer
    assert season.settled(absent, lectures[2]) == ["confirmed"]
    claim = season.unseen(absent, lectures[3])
    season.hall.settle([claim])
    assert (season.state(claim.id), season.differences()) == ("confirmed", [])
