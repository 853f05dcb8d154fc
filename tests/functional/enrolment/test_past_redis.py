"""Swaps and drops past a Redis that is away, that only recorded a claim, or that forgot one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from sqlalchemy import text

from app.admission import claiming
from app.admission.claims import Claim, claim_id
from app.admission.engine import Engine
from app.admission.errors import (
    AlreadyClaimedError,
    NothingToCancelError,
    OutcomeUnknownError,
)
from app.admission.gate import Admission
from app.admission.outbox import Effects
from app.admission.settle import settle
from app.auth.models import Account
from app.enrolment.enrolling import drop
from app.errors import SeatrushError
from app.extensions.breakers import Breakers
from app.extensions.publisher import Publisher
from app.offerings import build_engine
from tests.factories import actor_for
from tests.functional.enrolment.conftest import Registry


def unseen(registry: Registry, student: Account, old: int, new: int, key: str = "key-direct") -> Claim:
    """A swap as it comes by the direct path, past every rule and without its target."""
    at = registry.services.clock.epoch_ms()
    return Claim(
        id=claim_id(student.id, "swap", "section", new, key), kind="section", action="swap", user_id=student.id,
        offering_id=new, line_ok=False, admitted_at=at, drops=old,
    )  # fmt: skip


def test_crosswise_on_the_direct_path_only_where_a_seat_is_free(registry: Registry) -> None:
    """Two full sections cannot be exchanged; with one seat free the second swap takes what the first gave up."""
    pair = [registry.section(capacity=1, line=0), registry.section(capacity=1, line=0)]
    students = [registry.student(), registry.student()]
    for student, section in zip(students, pair, strict=True):
        registry.settled(student, section)
    claims = [unseen(registry, students[0], *pair), unseen(registry, students[1], *pair[::-1])]
    registry.hall.settle(claims)
    assert [registry.standing(one.id).reason for one in claims] == ["sold_out", "sold_out"]
    assert [registry.holds(one) for one in students] == [{pair[0]: "confirmed"}, {pair[1]: "confirmed"}]
    with registry.services.db.transaction() as session:
        session.execute(text("UPDATE seat_pool SET capacity = 2 WHERE offering_id = :one"), {"one": pair[1]})
    again = [unseen(registry, students[0], *pair, "key-2"), unseen(registry, students[1], *pair[::-1], "key-2")]
    registry.hall.settle([again[0], replace(again[1], admitted_at=again[1].admitted_at + 1)])
    assert [registry.holds(one) for one in students] == [{pair[1]: "confirmed"}, {pair[0]: "confirmed"}]


@pytest.fixture
def cut_off(registry: Registry, tmp_path: Path) -> Engine:
    """A worker whose Redis and broker are away: what it takes stands in its spool."""
    breakers = Breakers(reset_timeout=60)
    while breakers.closed("redis"):
        with suppress(RedisConnectionError), breakers.guard("redis"):
            raise RedisConnectionError
    settings = replace(registry.services.settings, spool_dir=tmp_path)
    nowhere = Publisher("amqp://guest:guest@127.0.0.1:1/")
    return build_engine(replace(registry.services, settings=settings, breakers=breakers, publisher=nowhere))


def test_past_a_redis_that_is_away(registry: Registry, cut_off: Engine) -> None:
    student, old, new = registry.student(), registry.section(), registry.section()
    registry.settled(student, old)
    registry.by(cut_off).swap(student, old, new)
    cut_off.spool.rotate()
    (found,) = cut_off.spool.replayable()
    claims = found.claims
    assert [(one.action, one.drops, one.hold, one.sequence) for one in claims] == [("swap", old, "any", 0)]
    with registry.services.db.transaction() as session:
        settle(session, registry.engine.kinds, registry.services.ids, claims, registry.services.clock.epoch_ms())
    assert registry.holds(student) == {new: "confirmed"}


def test_past_redis_too_dropping_has_its_deadline(registry: Registry, cut_off: Engine) -> None:
    now = registry.services.clock.now()
    registry.open_term(drop_until=now - timedelta(minutes=1), opens_at=now - timedelta(hours=1))
    student, old, new = registry.student(), registry.section(), registry.section()
    with pytest.raises(
        OutcomeUnknownError
    ):  # Redis may have taken it in time, so that this worker cannot say "too late"
        registry.by(cut_off).swap(student, old, new)


def test_a_swap_that_redis_only_recorded_is_published_whole(registry: Registry) -> None:
    """While an offering is not loaded: the sweeper may be the one who publishes it."""
    student, old, new = registry.student(), registry.section(), registry.section()
    registry.settled(student, old)
    fenced, redis = registry.engine.epochs.fenced, registry.engine.store
    for unloaded in (new, old):
        fenced(lambda fence, unloaded=unloaded: redis.unload("section", unloaded, fence=fence))  # type: ignore[misc]
        redis.redis.set("sr:draining", 1)
        made = registry.swap(student, old, new, f"key-{unloaded}")
        redis.redis.delete("sr:draining")
        (claim,) = [one for one in registry.hall.pending() if one.id == made]
        assert (claim.action, claim.drops, claim.hold, claim.target) == ("swap", old, "any", "")
        registry.engine.loader.load("section", unloaded)
    registry.hall.settle()
    assert registry.holds(student) == {new: "confirmed"}


def test_whoever_has_a_seat_by_mariadb_is_not_told_that_there_is_nothing(registry: Registry) -> None:
    """Decided and told, but Redis, which only recorded the claim, has not heard of it: the same key finds it later."""
    student, old, new = registry.student(), registry.section(), registry.section()
    made = claim_id(student.id, "book", "section", old, "key-recorded")
    at = registry.services.clock.epoch_ms()
    claim = Claim(id=made, kind="section", action="book", user_id=student.id, offering_id=old, admitted_at=at)
    with registry.services.db.transaction() as session:
        done = settle(session, registry.engine.kinds, registry.services.ids, [claim], at)
    assert registry.standing(made).state == "confirmed"
    actor = actor_for(registry.services, student)
    for give_up in (
        lambda: registry.swap(student, old, new, "key-of-the-swap"),
        lambda: drop(registry.engine, actor, old, "key-of-the-drop"),
    ):
        with pytest.raises(OutcomeUnknownError):
            give_up()
    registry.engine.applier.apply(Effects(claims=done.standings))
    registry.swap(student, old, new, "key-of-the-swap")
    registry.hall.settle()
    assert registry.holds(student) == {new: "confirmed"}
    with pytest.raises(NothingToCancelError):  # now there is none, and both say so
        drop(registry.engine, actor, old, "key-of-the-drop")


def test_nor_whoever_has_a_claim_that_redis_only_recorded(registry: Registry) -> None:
    """Accepted while the section was not loaded, and not decided yet: it may be confirmed a moment later."""
    student, old, new = registry.student(), registry.section(), registry.section()
    redis = registry.engine.store.redis
    redis.delete(f"sr:o:section:{old}")
    redis.set("sr:draining", 1)
    registry.enrol(student, old)
    redis.delete("sr:draining")
    registry.engine.loader.load("section", old)
    with pytest.raises(OutcomeUnknownError):
        drop(registry.engine, actor_for(registry.services, student), old, "key-of-the-drop")
    with pytest.raises(OutcomeUnknownError):
        registry.swap(student, old, new, "key-of-the-swap")
    registry.hall.settle()
    assert registry.holds(student) == {old: "confirmed"}


def forgotten(registry: Registry, student: Account, old: int) -> str:
    """The key of a drop that is done, and of which a Redis that was built anew knows nothing yet."""
    registry.settled(student, old)
    actor = actor_for(registry.services, student)
    made = drop(registry.engine, actor, old, "key-of-the-drop")
    registry.hall.settle()
    assert registry.standing(made.claim_id).state == "confirmed"
    registry.engine.store.redis.delete(f"sr:c:{made.claim_id}")
    return made.claim_id


def test_whoever_sends_a_drop_again_that_is_done_hears_so(registry: Registry) -> None:
    """Between the loading of an offering and the replay of what ended lately; also when the first answer was lost."""
    student, old = registry.student(), registry.section()
    made = forgotten(registry, student, old)
    actor = actor_for(registry.services, student)
    assert drop(registry.engine, actor, old, "key-of-the-drop").claim_id == made
    with pytest.raises(NothingToCancelError):  # another one has nothing to end
        drop(registry.engine, actor, old, "key-of-another")


def test_without_asking_for_the_drop_itself_it_is_denied(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    student, old = registry.student(), registry.section()
    forgotten(registry, student, old)

    def refuse(_engine: Engine, _claim: Claim, refused: SeatrushError) -> Admission:
        raise refused

    monkeypatch.setattr(claiming, "_accepted_before", refuse)
    with pytest.raises(NothingToCancelError):
        drop(registry.engine, actor_for(registry.services, student), old, "key-of-the-drop")


@pytest.mark.parametrize("guard", [None, "taken_wrongly"])
def test_a_drop_that_is_done_does_not_end_what_came_after_it(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[str], None], guard: str | None
) -> None:
    """Sent again once more, when its student has enrolled anew, to a Redis that has forgotten it."""
    monkeypatch.setattr("app.admission.maintenance.SWEEP_AGE_MS", -1000)
    student, old = registry.student(), registry.section()
    made = forgotten(registry, student, old)
    actor = actor_for(registry.services, student)
    registry.engine.store.redis.delete(f"sr:lim:{student.id}:section:{old}")
    registry.settled(student, old)
    assert drop(registry.engine, actor, old, "key-of-the-drop").claim_id == made
    with pytest.raises(AlreadyClaimedError):  # settle has nothing to say about it; the sweep has
        drop(registry.engine, actor, old, "key-of-another")
    if guard:
        spoil(guard)
    registry.engine.keeper.sweep()
    assert registry.holds(student) == {old: "confirmed"}
    with pytest.raises(AlreadyClaimedError) if guard else nullcontext():
        drop(registry.engine, actor, old, "key-of-another")
    registry.hall.settle()
    assert registry.holds(student) == ({old: "confirmed"} if guard else {})
