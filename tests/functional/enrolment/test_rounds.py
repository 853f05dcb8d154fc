"""Rounds for those who manage them: what may be written when, and that Redis and open pages hear of it at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from app.admission import loader as loading
from app.admission.effects import EVENTS
from app.admission.errors import ClosedError, FrozenError, NotOpenError
from app.auth.models import Account
from app.auth.permissions import Role
from app.enrolment.errors import WishesOnlyError
from app.enrolment.rounds.current import Schedule
from app.enrolment.rounds.describing import describe_changed, describe_term
from app.enrolment.rounds.seeds import commitment_of
from app.extensions.redis import RedisError
from tests.factories import make_account
from tests.functional.enrolment.conftest import MONDAY_1_2, MONDAY_2_3, TUESDAY_1_2, Registry
from tests.functional.lectures.conftest import Desk, desk_of


@pytest.fixture
def desk(registry: Registry) -> Desk:
    """A manager's."""
    return desk_of(registry.client, registry.services, make_account(registry.services, Role.MANAGER))


def current(registry: Registry) -> str:
    """The id of the round that `registry` opens with."""
    query = text("SELECT id FROM selection_round WHERE term_id = :term AND round_no = 1")
    with registry.services.db.transaction() as session:
        return str(session.scalar(query, {"term": registry.term}))


def wanted(registry: Registry, number: int = 2, days: float = 1, **fields: Any) -> dict[str, Any]:
    opens: datetime = registry.services.clock.now() + timedelta(days=days)
    return {
        "term_id": str(registry.term),
        "round_no": number,
        "opens_at": opens.isoformat(),
        "closes_at": (opens + timedelta(hours=4)).isoformat(),
        "drop_until": (opens + timedelta(hours=8)).isoformat(),
        **fields,
    }


@pytest.fixture
def events(registry: Registry) -> Iterator[Any]:
    """`events()`: what pages have been told since it was asked last."""
    with registry.services.redis.pubsub(ignore_subscribe_messages=True) as subscription:  # type: ignore[no-untyped-call]
        subscription.subscribe(EVENTS)
        subscription.get_message(timeout=1)

        def told() -> list[dict[str, Any]]:
            found = []
            while (message := subscription.get_message(timeout=0.2)) is not None:
                found.append(orjson.loads(message["data"]))
            return [one for one in found if isinstance(one, dict) and one["type"] == "round"]

        yield told


def test_a_draft_is_nobodys_business_until_it_is_published(registry: Registry, desk: Desk, events: Any) -> None:
    made = desk.post("/api/manage/rounds", json=wanted(registry))
    assert (made.status_code, made.json["state"], made.json["phase"]) == (201, "draft", "upcoming")
    path = f"/api/manage/rounds/{made.json['id']}"
    assert made.headers["Location"] == path
    assert registry.client.get(f"/api/rounds/{made.json['id']}").json["code"] == "round_not_found"
    assert events() == []
    assert desk.post(f"{path}/publish").json["state"] == "published"
    assert registry.client.get(f"/api/rounds/{made.json['id']}").json["round_no"] == 2
    assert [one["action"] for one in events()] == ["published"]
    listed = registry.client.get(f"/api/rounds?term_id={registry.term}").json["items"]
    assert [one["round_no"] for one in listed] == [1, 2]
    assert desk.patch(path, json={"state": "draft"}).json["state"] == "draft"
    assert desk.client.delete(path, headers=desk.headers).status_code == 204
    assert desk.get(path).status_code == 404


def test_what_cannot_be_a_round(registry: Registry, desk: Desk) -> None:
    now = registry.services.clock.now()
    bad = [
        ({"closes_at": now.isoformat()}, 422, "invalid_input"),
        ({"mode": "fair"}, 422, "invalid_input"),
        ({"points_limit": 10}, 422, "invalid_input"),
        ({"round_no": 1}, 409, "round_number_taken"),
        ({"term_id": "12345"}, 404, "term_not_found"),
        ({"mode": "auction"}, 422, "invalid_input"),
    ]
    for fields, status, code in bad:
        answer = desk.post("/api/manage/rounds", json=wanted(registry, **fields))
        assert (answer.status_code, answer.json["code"]) == (status, code), fields
    overlapping = desk.post("/api/manage/rounds", json=wanted(registry, days=0, state="published"))
    assert overlapping.json["code"] == "round_overlap"
    assert overlapping.json["round_no"] == 1
    past = wanted(registry, days=-10, state="published")
    assert desk.post("/api/manage/rounds", json=past).json["code"] == "round_state"
    assert len(desk.get(f"/api/manage/rounds?term_id={registry.term}").json["items"]) == 1


def test_a_round_that_has_begun_keeps_its_times(registry: Registry, desk: Desk) -> None:
    path = f"/api/manage/rounds/{current(registry)}"
    later = (registry.services.clock.now() + timedelta(hours=3)).isoformat()
    refused = desk.patch(path, json={"closes_at": later})
    assert (refused.status_code, refused.json["code"], refused.json["fields"]) == (409, "round_started", ["closes_at"])
    assert desk.patch(path, json={"state": "draft"}).json["code"] == "round_state"
    version = desk.get(path).json["version"]
    assert desk.patch(path, json={"tips": "带学生证", "version": version}).json["tips"] == "带学生证"
    stale = desk.patch(path, json={"tips": "", "version": version})
    assert (stale.status_code, stale.json["code"], stale.json["version"]) == (409, "conflict", version + 1)


def test_a_freeze_is_seen_at_once_and_has_its_reason(registry: Registry, desk: Desk, events: Any) -> None:
    student, sections = registry.student(), [registry.section() for _ in range(3)]
    path = f"/api/manage/rounds/{current(registry)}"
    frozen = desk.post(f"{path}/freeze", json={"reason": "培养方案有误"}).json
    assert (frozen["frozen"], frozen["frozen_reason"]) == (True, "培养方案有误")
    for section in sections:
        with pytest.raises(FrozenError):
            registry.enrol(student, section)
    [event] = events()
    assert (event["action"], event["round"]["frozen_reason"]) == ("frozen", "培养方案有误")
    assert desk.post(f"{path}/freeze", json={"reason": "again"}).json["frozen_reason"] == "培养方案有误"
    assert desk.post(f"{path}/resume", json={"reason": "已更正"}).json["frozen"] is False
    assert registry.settled(student, sections[0]).state == "confirmed"
    timeline = desk.get(f"{path}/timeline").json["items"]
    assert [(one["action"], one["reason"]) for one in timeline] == [("resumed", "已更正"), ("frozen", "培养方案有误")]
    assert desk.post(f"{path}/freeze", json={}).status_code == 422


def test_what_was_accepted_before_the_freeze_is_decided(registry: Registry, desk: Desk) -> None:
    student, section = registry.student(), registry.section()
    claim = registry.enrol(student, section)
    desk.post(f"/api/manage/rounds/{current(registry)}/freeze", json={"reason": "x"})
    registry.hall.settle()
    assert registry.standing(claim).state == "confirmed"


def test_an_extension_moves_the_end_for_everybody(registry: Registry, desk: Desk) -> None:
    student, section, now = registry.student(), registry.section(), registry.services.clock.now()
    registry.close_round(now - timedelta(seconds=1))
    describe_changed(registry.services, registry.engine)
    with pytest.raises(ClosedError):
        registry.enrol(student, section)
    path = f"/api/manage/rounds/{current(registry)}"
    later = (now + timedelta(hours=1)).isoformat()
    assert desk.post(f"{path}/extend", json={"closes_at": later, "reason": "系统故障补时"}).status_code == 200
    assert registry.settled(student, section).state == "confirmed"
    earlier = desk.post(f"{path}/extend", json={"closes_at": now.isoformat(), "reason": "x"})
    assert (earlier.status_code, earlier.json["code"]) == (422, "invalid_input")
    [event] = desk.get(f"{path}/timeline").json["items"]
    assert event["action"] == "extended"
    assert set(event["detail"]) == {"closes_at"}
    registry.open_round(2, now + timedelta(hours=2))
    over = (now + timedelta(hours=3)).isoformat()
    assert desk.post(f"{path}/extend", json={"closes_at": over, "reason": "x"}).json["code"] == "round_overlap"


def test_a_crash_before_redis_was_told_is_made_good(registry: Registry, desk: Desk, monkeypatch: Any) -> None:
    student, sections = registry.student(), [registry.section() for _ in range(5)]
    monkeypatch.setattr(loading, "DESCRIBED_AT_ONCE", 2)
    whole = registry.engine.loader.describe_each

    def halfway(kind: str, ids: Any) -> Any:
        whole(kind, ids[:3])
        raise RedisError("gone")

    with monkeypatch.context() as broken:
        broken.setattr(registry.engine.loader, "describe_each", halfway)
        answer = desk.post(f"/api/manage/rounds/{current(registry)}/freeze", json={"reason": "x"})
        assert answer.status_code == 200
    assert describe_changed(registry.services, registry.engine) == 2
    for section in sections:
        with pytest.raises(FrozenError):
            registry.enrol(student, section)
    assert describe_changed(registry.services, registry.engine) == 0


def test_nothing_is_described_while_a_rebuild_loads_everything(registry: Registry) -> None:
    """It might load what it read before a change: nothing is noted as told."""
    registry.section()
    redis, term = registry.engine.store.redis, registry.term
    redis.delete(f"sr:rounds:{term}")
    redis.set("sr:partial", 1)
    describe_changed(registry.services, registry.engine)
    assert not redis.exists(f"sr:rounds:{term}")
    redis.delete("sr:partial")
    describe_changed(registry.services, registry.engine)
    assert redis.exists(f"sr:rounds:{term}")


def test_a_change_in_the_middle_of_a_rebuild_is_told_when_it_is_over(registry: Registry) -> None:
    section = registry.section()
    redis, key = registry.engine.store.redis, f"sr:rounds:{registry.term}"
    redis.delete(key, f"sr:o:section:{section}")
    redis.set("sr:partial", 1)
    assert not describe_term(registry.services, registry.engine, registry.term)
    assert not redis.exists(key)
    redis.delete("sr:partial")
    assert describe_changed(registry.services, registry.engine) == 1
    assert redis.exists(key)


def test_a_round_begins_to_count_by_the_clock_alone(registry: Registry) -> None:
    """Nobody edits anything when one round ends and the next is what counts."""
    student, section, now = registry.student(), registry.section(), registry.services.clock.now()
    registry.open_round(2, now + timedelta(hours=3))
    describe_changed(registry.services, registry.engine)
    query = text("UPDATE selection_round SET closes_at = :at, update_time = update_time WHERE round_no = 1")
    with registry.services.db.transaction() as session:  # as if that hour had passed
        session.execute(query, {"at": (now - timedelta(seconds=1)).replace(tzinfo=None)})
    assert describe_changed(registry.services, registry.engine) == 1
    with pytest.raises(NotOpenError):
        registry.enrol(student, section)


def test_without_its_ends_in_the_version_the_next_round_would_not_come(registry: Registry, monkeypatch: Any) -> None:
    monkeypatch.setattr(Schedule, "version_at", lambda self, _: self.version)
    with pytest.raises(AssertionError):
        test_a_round_begins_to_count_by_the_clock_alone(registry)


def test_a_seed_is_committed_to_and_shown_to_nobody(registry: Registry, desk: Desk) -> None:
    made = desk.post("/api/manage/rounds", json=wanted(registry, mode="lottery", state="published")).json
    with registry.services.db.transaction() as session:
        seed = session.scalar(text("SELECT seed FROM selection_round WHERE id = :id"), {"id": made["id"]})
    assert made["commitment"] == commitment_of(seed)
    seen = [
        desk.get(f"/api/manage/rounds/{made['id']}"),
        desk.get(f"/api/manage/rounds/{made['id']}/timeline"),
        registry.client.get(f"/api/rounds/{made['id']}"),
        registry.client.get(f"/api/rounds?term_id={registry.term}"),
    ]
    assert all(seed not in answer.text for answer in seen)
    assert desk.patch(f"/api/manage/rounds/{made['id']}", json={"tips": "x"}).json["commitment"] == made["commitment"]


def test_a_lottery_takes_no_claims(registry: Registry) -> None:
    registry.open_term(mode="lottery")
    with pytest.raises(WishesOnlyError):
        registry.enrol(registry.student(), registry.section())


ROUTES = [
    ("GET", "rounds"), ("POST", "rounds"), ("GET", "rounds/1"), ("PATCH", "rounds/1"), ("DELETE", "rounds/1"),
    ("GET", "rounds/1/timeline"), ("POST", "rounds/1/publish"), ("POST", "rounds/1/freeze"),
    ("POST", "rounds/1/resume"), ("POST", "rounds/1/extend"), ("GET", "time-tickets?round_id=1"),
    ("POST", "time-tickets"), ("DELETE", "time-tickets/1"), ("GET", "holds"), ("POST", "holds"), ("DELETE", "holds/1"),
    ("GET", "restrictions"), ("POST", "restrictions"), ("DELETE", "restrictions/1"), ("GET", "overrides"),
    ("POST", "overrides"), ("DELETE", "overrides/1"), ("GET", "rounds/1/as-student?username=x"),
    ("POST", "rounds/1/draw"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_it_is_for_managers_alone(registry: Registry, method: str, path: str) -> None:
    def status(account: Account | None) -> int:
        headers = desk_of(registry.client, registry.services, account).headers if account else {}
        return registry.client.open(f"/api/manage/{path}", method=method, headers=headers, json={}).status_code

    assert status(None) == 401
    assert status(registry.student()) == 403
    assert status(make_account(registry.services, Role.TEACHER)) == 403
    assert status(make_account(registry.services, Role.MANAGER)) not in {401, 403}


def test_a_manager_sees_what_a_student_sees(registry: Registry, desk: Desk) -> None:
    basics, closed = registry.course(), registry.course()
    registry.restrict(closed, "except", grades=[2024])
    student, held = registry.student("5.0"), registry.section(None, MONDAY_1_2)
    registry.settled(student, held)
    for section in (
        lambda: registry.section(closed),
        lambda: registry.section(registry.course(needs=(basics,))),
        lambda: registry.section(None, MONDAY_2_3),
        lambda: registry.section(registry.course("9.0")),
        lambda: registry.section(capacity=0, line=0),
        lambda: registry.section(capacity=0, line=1),
        lambda: registry.section(None, TUESDAY_1_2),
    ):
        section()
    path = f"/api/manage/rounds/{current(registry)}/as-student"
    seen = desk.get(f"{path}?username={student.username}").json
    assert seen["counts"] == {
        "sections": 8,
        "held": 1,
        "free": 1,
        "queued": 1,
        "refused": {
            "not_eligible": 1,
            "prerequisite_missing": 1,
            "timetable_clash": 1,
            "credit_limit": 1,
            "sold_out": 1,
        },
    }
    assert (seen["student"]["username"], seen["hold"]) == (student.username, None)
    assert seen["not_before"] == seen["round"]["opens_at"]
    assert desk.get(f"{path}?username=nobody").json["code"] == "student_not_found"
    assert desk.get(path).status_code == 422
