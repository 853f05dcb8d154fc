"""Creating lectures: what is stored, what is refused, and that a room is never given twice."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier
from typing import Any

import gevent
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.admission.engine import Engine
from app.admission.models import OutboxRow
from app.auth.actor import Actor
from app.auth.models import Account
from app.auth.permissions import Role
from app.errors import ForbiddenError
from app.extensions.services import Services
from app.lectures import creating, rooms
from app.lectures.creating import create_lecture, insert_lecture
from app.lectures.draft import LectureDraft
from app.lectures.errors import RoomTakenError
from tests.factories import actor_for, bearer, make_account, make_place, make_student
from tests.functional.lectures.conftest import Desk, Hall, Maker, body, sample

URL = "/api/manage/lectures"


def test_it_can_be_booked_at_once(desk: Desk, hall: Hall, services: Services) -> None:
    answer = desk.post(URL, body(sample(services.clock.now())))
    assert answer.status_code == 201
    lecture = answer.json
    assert lecture["version"] == 1
    assert (lecture["state"], lecture["phase"]) == ("published", "open")
    assert lecture["seats_left"] == lecture["capacity"] == 10
    assert lecture["opens_at"].endswith("+08:00")
    assert lecture["pools"] == [{"pool": "0", "name": "", "capacity": 10, "seats_left": 10}]
    assert lecture["restriction"] == {"mode": "none", "colleges": [], "grades": [], "classes": []}
    assert desk.get(answer.headers["Location"]).json["id"] == lecture["id"]
    assert hall.live_seats(int(lecture["id"])) == {"0": (10, 0)}
    with services.db.transaction() as session:
        # the effects happened right away: the relay has nothing to do
        assert session.scalars(select(OutboxRow).where(OutboxRow.done_at.is_(None))).all() == []
    [claim] = hall.book(int(lecture["id"]), hall.students(1))
    assert claim.state == "confirmed"


def test_waitlist_capacity_is_optional(desk: Desk, services: Services) -> None:
    fields = body(sample(services.clock.now()))
    del fields["waitlist_capacity"]
    assert desk.post(URL, fields).json["waitlist_capacity"] == 0


def test_reserved_seats_get_pools_of_their_own(desk: Desk, hall: Hall, services: Services) -> None:
    place = make_place(services)
    kept = {"name": "计算机学院", "seats": 4, "colleges": [str(place.college_id)]}
    lecture = desk.post(URL, {**body(sample(services.clock.now())), "reservations": [kept]}).json
    assert lecture["reservations"] == [{"pool": "r1", **kept, "grades": [], "classes": []}]
    assert [(one["pool"], one["name"], one["capacity"]) for one in lecture["pools"]] == [
        ("r1", "计算机学院", 4),
        ("0", "", 6),
    ]
    ours, others = hall.students(1, place=place), hall.students(1)
    mine, theirs = hall.book(int(lecture["id"]), [*ours, *others])
    assert (mine.pool, theirs.pool) == ("r1", "0")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"speaker": None}, "speaker"),
        ({"place": 5}, "place"),
        ({"starts_at": "2026-12-01T10:00:00"}, "starts_at"),
        ({"starts_at": "9999-12-31T23:59:59-08:00"}, "starts_at"),
        ({"opens_at": "soon"}, "opens_at"),
        ({"capacity": -1}, "capacity"),
        ({"capacity": 100_001}, "capacity"),
        ({"capacity": 1e30}, "capacity"),
        ({"capacity": 2**62}, "capacity"),
        ({"capacity": "10"}, "capacity"),
        ({"capacity": True}, "capacity"),
        ({"waitlist_capacity": 1.5}, "waitlist_capacity"),
        ({"state": "cancelled"}, "state"),
        ({"restriction": {"mode": "only"}}, "restriction"),
        ({"restriction": {"mode": "only", "colleges": ["1"]}}, "restriction"),
        ({"reservations": [{"name": "a", "seats": 11, "grades": [2024]}]}, "reservations"),
        ({"reservations": [{"name": "a", "seats": 1, "classes": ["99"]}]}, "reservations"),
        ({"reservations": [{"name": "a", "seats": 1, "grades": [2024], "pool": "r1"}]}, "reservations"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_bad_fields_are_named(desk: Desk, services: Services, changes: dict[str, Any], field: str) -> None:
    answer = desk.post(URL, {**body(sample(services.clock.now())), **changes})
    assert answer.status_code == 422
    assert answer.json["code"] == "invalid_input"
    assert set(answer.json["errors"]) == {field}
    assert desk.get(URL).json["items"] == []


def test_any_text_a_person_writes_is_kept(desk: Desk, services: Services) -> None:
    odd = {"title": "🎓 “量子” <script>alert(1)</script> %s {x} \\ '", "summary": "第一行\n第二行\t🎉", "place": "١٢٣"}
    lecture = desk.post(URL, {**body(sample(services.clock.now())), **odd}).json
    assert {name: lecture[name] for name in odd} == odd


def test_the_end_of_the_calendar(desk: Desk, client: FlaskClient, services: Services) -> None:
    far = {"starts_at": "9999-12-29T10:00:00Z", "ends_at": "9999-12-29T23:00:00Z", "closes_at": "9999-12-29T10:00:00Z"}
    answer = desk.post(URL, {**body(sample(services.clock.now())), **far})
    assert answer.status_code == 201
    path = f"/api/lectures/{answer.json['id']}"
    assert client.get(path).status_code == 200
    assert client.get(f"{path}/calendar.ics").status_code == 200
    assert client.get("/api/lectures").json["items"][0]["id"] == answer.json["id"]


def test_only_managers(client: FlaskClient, services: Services, engine: Engine) -> None:
    fields = body(sample(services.clock.now()))
    assert client.post(URL, json=fields).status_code == 401
    for account in (make_student(services), *(make_account(services, role) for role in (Role.TEACHER, Role.CHECKIN))):
        assert client.post(URL, json=fields, headers=bearer(services, account)).status_code == 403
    nobody = Actor.of(1, "t001", Role.TEACHER)
    with pytest.raises(ForbiddenError):
        create_lecture(services, engine, nobody, LectureDraft(**sample(services.clock.now())))


def test_a_room_is_given_once(make: Maker, desk: Desk, services: Services) -> None:
    first = make(place="礼堂")
    fields = {**body(sample(services.clock.now())), "guard_room": True}
    answer = desk.post(URL, {**fields, "place": "礼堂"})
    assert (answer.status_code, answer.json["code"]) == (409, "room_taken")
    assert answer.json["lecture_id"] == str(first.lecture.id)
    assert first.lecture.title in answer.json["detail"]
    # right after it is free, and online there is room for all
    ends = first.lecture.ends_at
    later = body({"starts_at": ends, "ends_at": ends + timedelta(hours=1)})
    assert desk.post(URL, {**fields, **later, "place": "礼堂"}).status_code == 201
    assert [desk.post(URL, {**fields, "place": "线上"}).status_code for _ in range(2)] == [201, 201]
    # who does not ask for the guard is not kept out by it
    assert desk.post(URL, {**fields, "place": "礼堂", "guard_room": False}).status_code == 201


@pytest.mark.parametrize("guarded", [True, False], ids=["guard on", "guard off"])
def test_managers_at_once_get_the_room_once(
    services: Services, engine: Engine, manager: Account, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    actor, draft = actor_for(services, manager), LectureDraft(**sample(services.clock.now()))
    if not guarded:
        # Everybody has looked before anybody writes: what the lock is there to prevent.
        everybody = Barrier(6)

        def write_together(*args: Any, **options: Any) -> None:
            everybody.wait(timeout=20)
            insert_lecture(*args, **options)

        monkeypatch.setattr(rooms, "lock_room", lambda *_: None)
        monkeypatch.setattr(creating, "insert_lecture", write_together)

    def attempt() -> str:
        try:
            create_lecture(services, engine, actor, draft)
        except RoomTakenError:
            return "taken"
        return "made"

    attempts = [gevent.spawn(attempt) for _ in range(6)]
    gevent.joinall(attempts, raise_error=True)
    made = [one.value for one in attempts].count("made")
    assert made == (1 if guarded else 6)
