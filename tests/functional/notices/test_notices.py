"""Notices over HTTP: who gets which, what is read, what the office may write, and what the sockets hear."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gevent
import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from app.auth.models import Account
from app.auth.permissions import Role
from app.extensions.services import Services
from app.notices.models import Notice, NoticeRead, NoticeTarget
from app.notices.reach import groups_of
from app.notices.reading import read_notice
from blueprints.live.hub import BEAT, Hub
from blueprints.live.tickets import Listener
from tests.factories import Place, actor_for, bearer, make_account, make_place, make_student

MINE, OFFICE = "/api/me/notices", "/api/manage/notices"


@dataclass(repr=False)
class Board:
    """The office, and two students of different colleges, grades and classes."""

    services: Services
    client: FlaskClient
    manager: Account
    places: tuple[Place, Place]
    anna: Account
    bob: Account

    def write(self, scope: str = "all", *targets: object, status: int = 201, **fields: Any) -> Any:
        body = {
            "title": "停课通知",
            "body": "详见附件",
            "scope": scope,
            "target_ids": [str(one) for one in targets],
            **fields,
        }
        answer = self.client.post(OFFICE, json=body, headers=bearer(self.services, self.manager))
        assert answer.status_code == status, answer.json
        return answer.json

    def get(self, who: Account, path: str = MINE) -> Any:
        answer = self.client.get(path, headers=bearer(self.services, who))
        assert answer.status_code == 200, answer.json
        return answer.json

    def titles(self, who: Account) -> list[str]:
        return [one["title"] for one in self.get(who)["items"]]

    def post(self, who: Account, path: str, status: int = 200) -> Any:
        answer = self.client.post(path, headers=bearer(self.services, who))
        assert answer.status_code == status, answer.json
        return answer.json

    def count(self, model: Any) -> int:
        with self.services.db.transaction() as session:
            return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture
def board(services: Services, client: FlaskClient) -> Board:
    places = make_place(services, grade=2024), make_place(services, grade=2025, college="物理学院")
    anna, bob = make_student(services, places[0]), make_student(services, places[1])
    return Board(services, client, make_account(services, Role.MANAGER), places, anna, bob)


def test_everybody_gets_what_is_for_his_groups(board: Board) -> None:
    first, second = board.places
    board.write("all", title="all")
    board.write("college", first.college_id, title="college")
    board.write("grade", 2025, title="grade")
    board.write("class", first.class_id, second.class_id, title="classes")
    board.write("student", board.bob.id, title="bob")
    assert board.titles(board.anna) == ["classes", "college", "all"]
    assert board.titles(board.bob) == ["bob", "classes", "grade", "all"]
    assert board.titles(board.manager) == ["all"]


def test_a_student_may_be_named_by_his_number(board: Board, services: Services) -> None:
    with services.db.transaction() as session:
        number = session.scalar(text("SELECT student_no FROM student WHERE account_id = :one"), {"one": board.anna.id})
    assert board.write("student", number, board.anna.id)["target_ids"] == [str(board.anna.id)]
    assert board.titles(board.anna) == ["停课通知"]


def test_a_notice_to_all_is_two_rows_however_many_they_are(board: Board, services: Services) -> None:
    for _ in range(20):
        make_student(services, board.places[0])
    board.write("all")
    assert (board.count(Notice), board.count(NoticeTarget), board.count(NoticeRead)) == (1, 1, 0)


def test_read_one_read_all(board: Board) -> None:
    ids = [board.write("all", title=str(number))["id"] for number in range(3)]
    assert board.get(board.anna)["unread"] == 3
    assert board.post(board.anna, f"{MINE}/{ids[1]}/read") == {"unread": 2}
    assert board.post(board.anna, f"{MINE}/{ids[1]}/read") == {"unread": 2}
    found = board.get(board.anna, f"{MINE}?unread=true")
    assert [one["id"] for one in found["items"]] == [ids[2], ids[0]]
    read = next(one for one in board.get(board.anna)["items"] if one["id"] == ids[1])
    assert read["read_at"].endswith("+08:00")
    assert board.post(board.anna, f"{MINE}/read-all") == {"unread": 0}
    assert board.get(board.bob)["unread"] == 3
    assert board.count(NoticeRead) == 3


def test_somebody_elses_notice_cannot_be_read_or_found(board: Board) -> None:
    theirs = board.write("student", board.bob.id)["id"]
    assert board.post(board.anna, f"{MINE}/{theirs}/read", 404)["code"] == "notice_not_found"
    assert board.post(board.anna, f"{MINE}/1/read", 404)["code"] == "notice_not_found"
    assert board.count(NoticeRead) == 0


def test_reading_twice_at_once_is_one_row_by_the_unique_key(board: Board, services: Services) -> None:
    notice = int(board.write("all")["id"])
    actor = actor_for(services, board.anna)
    both = [gevent.spawn(read_notice, services, actor, notice) for _ in range(5)]
    gevent.joinall(both, raise_error=True)
    assert board.count(NoticeRead) == 1
    with pytest.raises(IntegrityError), services.db.transaction() as session:
        session.add(NoticeRead(id=1, account_id=board.anna.id, notice_id=notice, read_at=services.clock.now()))
    with services.db.transaction() as session:
        session.execute(text("ALTER TABLE notice_read DROP INDEX uq_notice_read_once"))
    try:
        gevent.joinall([gevent.spawn(read_notice, services, actor, notice) for _ in range(2)], raise_error=True)
        assert board.count(NoticeRead) > 1
    finally:
        with services.db.transaction() as session:
            session.execute(text("DELETE FROM notice_read"))
            session.execute(text("ALTER TABLE notice_read ADD UNIQUE uq_notice_read_once (account_id, notice_id)"))


def test_taken_back(board: Board) -> None:
    notice = board.write("all")["id"]
    headers = bearer(board.services, board.manager)
    assert board.client.delete(f"{OFFICE}/{notice}", headers=headers).status_code == 204
    assert board.get(board.anna) == {"items": [], "unread": 0, "next_cursor": None}
    assert board.client.delete(f"{OFFICE}/{notice}", headers=headers).json["code"] == "notice_not_found"
    assert board.get(board.manager, OFFICE)["items"] == []


def test_page_by_page(board: Board) -> None:
    for number in range(5):
        board.write("all", title=str(number))
    for path, who in ((MINE, board.anna), (OFFICE, board.manager)):
        seen, cursor = [], ""
        while cursor is not None:
            page = board.get(who, f"{path}?limit=2" + (f"&cursor={cursor}" if cursor else ""))
            seen += [one["title"] for one in page["items"]]
            cursor = page["next_cursor"]
        assert seen == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize(
    ("scope", "targets", "fields"),
    [
        ("class", [], {}),
        ("class", ["1"], {}),
        ("college", ["99999999999999999999"], {}),
        ("grade", ["1900"], {}),
        ("student", ["nobody"], {}),
        ("all", ["1"], {}),
        ("all", [], {"link": "javascript:alert(1)"}),
        ("all", [], {"link": "//evil.example"}),
        ("all", [], {"title": " "}),
        ("all", [], {"body": "\x00"}),
        ("everybody", [], {}),
    ],
)
def test_what_cannot_be_written(board: Board, scope: str, targets: list[str], fields: dict[str, Any]) -> None:
    assert board.write(scope, *targets, status=422, **fields)["code"] == "invalid_input"
    assert board.count(Notice) == 0


def test_only_the_office_writes(board: Board) -> None:
    headers = bearer(board.services, board.anna)
    body = {"title": "x", "scope": "all"}
    refused = board.client.post(OFFICE, json=body, headers=headers)
    assert (refused.status_code, refused.json["permission"]) == (403, "notices:manage")
    assert board.client.get(OFFICE, headers=headers).status_code == 403
    assert board.client.delete(f"{OFFICE}/1", headers=headers).status_code == 403
    assert board.client.get(MINE).status_code == 401


@pytest.fixture
def hub(app: Flask, services: Services) -> Iterator[Hub]:
    """A hub that listens to Redis, as in the WebSocket application."""
    made = Hub(services.redis)
    listening = gevent.spawn(made.run, app)
    with gevent.Timeout(30):
        while dict(services.redis.pubsub_numsub("sr:events")).get(b"sr:events", 0) < 1:
            gevent.sleep(0.01)
    yield made
    listening.kill()


def test_the_sockets_of_the_group_hear_it(board: Board, hub: Hub, services: Services) -> None:
    def listen(who: Account, language: str = "zh") -> Any:
        return hub.join(Listener(who.id, frozenset(groups_of(actor_for(services, who))), language))

    anna, bob, manager = listen(board.anna), listen(board.bob, "en"), listen(board.manager)
    for queue in (anna, bob, manager):
        assert queue.get(timeout=30) == BEAT
    notice = board.write("class", board.places[1].class_id, title="only bob's")["id"]
    board.write("all", title="everybody's")
    expected = {"type": "notice", "notice": {"id": notice, "title": "only bob's"}}
    assert orjson.loads(_next(bob)) == expected
    assert [orjson.loads(_next(queue))["notice"]["title"] for queue in (anna, bob, manager)] == ["everybody's"] * 3


def _next(queue: Any) -> str:
    """The next message that is no beat."""
    message: str = queue.get(timeout=30)
    return _next(queue) if message == BEAT else message
