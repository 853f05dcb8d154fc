"""Redis is away, silent, emptied, or came back with yesterday's data: MariaDB is the truth and Redis is built anew."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import gevent
import pytest

from app.admission import store
from app.lectures.freezing import set_frozen
from ops.drills.crowd import Crowd
from ops.drills.wishes import Wish
from tests.campus import Campus
from tests.lua_guards import library_without
from tests.stacks import frozen
from tests.yesterday import Yesterday


def test_redis_is_killed(campus: Campus) -> None:
    redis = campus.service("redis")
    with campus.load() as load:
        campus.until(load.told, "a first decision")
        redis.kill(stay_down=True)
        campus.until(lambda: load.unseen() > 10, "claims on the direct path")
        redis.start()
        redis.wait_ready()
    assert campus.verify(*load) == []


def test_redis_is_emptied(campus: Campus) -> None:
    with campus.load() as load:
        campus.until(load.told, "a first decision")
        campus.empty_redis()
    assert campus.verify(*load) == []


def test_a_rebuild_that_somebody_died_of_is_not_passed_over(campus: Campus) -> None:
    """As long as it is not done nobody compares accounts, and no counter is mended: a checker would find that all is well."""
    assert campus.verify(lectures=[]) == []
    with frozen(campus.service("maintenance")):
        campus.services.redis.set("sr:partial", "1")
        assert campus.verify(lectures=[], within=0.1) == ["a rebuild of Redis is not finished"]
        campus.services.redis.delete("sr:partial")
    assert campus.verify(lectures=[]) == []


def test_redis_comes_back_stale(campus: Campus, tmp_path: Path) -> None:
    """It finds a file of what it knew before some claims were admitted."""
    yesterday = Yesterday(campus.stack, tmp_path / "dump.rdb")
    with campus.load(per_second=15) as load:
        campus.until(load.told, "a first decision")
        yesterday.keep(campus.services.redis)
        before = load.told()
        campus.until(lambda: load.told() > before, "a decision")
        yesterday.comes_back()
    assert campus.verify(*load) == []


def test_redis_is_paused(campus: Campus) -> None:
    redis = campus.service("redis")
    with campus.load() as load:
        campus.until(load.told, "a first decision")
        redis.pause()
        campus.until(lambda: load.unseen() > 10, "claims on the direct path")
        redis.resume()
    assert campus.verify(*load) == []


def newcomer_before_the_queue_is_drained(campus: Campus, crowd: Crowd) -> Wish:
    """Redis is emptied while a claim waits in the queue: whoever repeats it must not meet a Redis that forgot it.

    The effects of an earlier claim arrive while the rebuild drains; they must not open the lecture too early. Returns
    the wish that waited.
    """
    lecture = campus.lecture(capacity=2)
    early, queued, newcomer = (crowd.wish(student, lecture) for student in campus.students(3))
    campus.fault("before_effects", "sleep 2")
    assert crowd.send(early).status == 202
    campus.fault_met("before_effects")
    campus.fault("before_commit", "sleep 10")  # longer than all that follows, on a machine that pauses
    assert crowd.send(queued).status == 202
    campus.fault_met("before_commit")
    epoch = campus.engine.epochs.learn()
    campus.empty_redis()
    campus.until(lambda: campus.engine.store.stored_fence()[0] > epoch, "the next epoch")
    gevent.sleep(2.2)  # the early claim's effects come; the queued one is still not decided
    assert campus.decided(queued.claim_id) is None
    crowd.send(newcomer)
    crowd.send(queued)
    assert campus.decided(queued.claim_id) is None
    crowd.everyone(partial(crowd.pursue, wish) for wish in (early, queued, newcomer))
    return queued


def test_nobody_is_refused_before_the_queue_has_been_drained(campus: Campus) -> None:
    crowd = campus.crowd()
    queued = newcomer_before_the_queue_is_drained(campus, crowd)
    assert campus.verify(crowd) == []
    assert queued.state == "confirmed"


def test_drain_off_a_claim_is_refused_and_then_confirmed(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same with the guard off; the rebuild installs the function library, so it must be this process's."""
    crowd, spoiled = campus.crowd(), library_without("drain")
    with campus.lua_without("drain"), monkeypatch.context() as patch, campus.own_watch():
        patch.setattr(store, "library", lambda: spoiled)
        newcomer_before_the_queue_is_drained(campus, crowd)
        found = campus.violations_at_rest(crowd)
    campus.forget(crowd)
    assert any("was refused (sold_out) and is confirmed" in one for one in found), found
    assert campus.verify(lectures=[]) == []


def test_what_redis_has_recorded_is_not_refused_while_it_is_rebuilt(campus: Campus) -> None:
    """Redis holds the claim before MariaDB's sheet says that the lecture is paused, and the sweep may publish it.

    It does not get round the operator's brake either: settle rejects what Redis has not admitted.
    """
    lecture, crowd = campus.lecture(capacity=5), campus.crowd()
    set_frozen(campus.services, campus.engine, lecture, frozen=True)
    epoch = campus.engine.epochs.learn()
    campus.empty_redis()
    campus.until(lambda: campus.engine.store.stored_fence()[0] > epoch, "the next epoch")
    assert campus.engine.store.draining()
    wishes = [crowd.wish(student, lecture) for student in campus.students(5)]
    assert {crowd.send(wish).body["code"] for wish in wishes} == {"outcome_unknown"}
    crowd.everyone(partial(crowd.pursue, wish) for wish in wishes)
    assert campus.verify(crowd) == []
    assert {campus.decided(wish.claim_id) for wish in wishes} == {("rejected", "frozen")}
