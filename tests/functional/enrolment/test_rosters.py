"""Accounts are in Redis before a term is chosen in: whoever published a round need not wait for a rebuild."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.admission import accounts, rebuild
from app.auth.models import Account
from app.catalogue.models import KIND
from tests.factories import make_student
from tests.functional.enrolment.conftest import Registry
from tests.functional.enrolment.test_accounts import limit_in_redis, set_limit


def due(registry: Registry) -> int:
    return registry.engine.accounts.hand_over_due()


def knows(registry: Registry, student: Account) -> bool:
    return bool(registry.engine.store.redis.hexists(f"sr:a:{KIND}:{registry.term}:{student.id}", "limit"))


def change_round(registry: Registry, what: str) -> None:
    with registry.services.db.transaction() as session:
        session.execute(text(f"UPDATE selection_round SET {what} WHERE term_id = :term"), {"term": registry.term})


def test_a_term_that_came_after_the_last_rebuild_finds_its_accounts_there(registry: Registry) -> None:
    """Of those who have a row of their own and of those who have everybody's limit."""
    one, other = registry.student("12.0"), make_student(registry.services)
    assert due(registry) == 2
    assert (limit_in_redis(registry, one), limit_in_redis(registry, other)) == (120, 300)


def test_it_is_done_once_a_publication(registry: Registry) -> None:
    registry.student()
    assert [due(registry), due(registry)] == [1, 0]
    change_round(registry, "frozen = 1, version = version + 1")
    assert due(registry) == 0
    registry.open_round(2, registry.services.clock.now() + timedelta(hours=3))
    assert [due(registry), due(registry)] == [1, 0]


def test_nobody_is_handed_over_while_no_round_is_published(registry: Registry) -> None:
    student = registry.student()
    change_round(registry, "state = 'draft'")
    assert due(registry) == 0
    assert not knows(registry, student)
    change_round(registry, "state = 'published', closes_at = NOW(6)")  # over: the pages are still read
    assert due(registry) == 1
    assert knows(registry, student)


def test_in_batches_and_what_is_newer_stays(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "CHUNK", 2)
    students = [registry.student("10.0") for _ in range(5)]
    registry.engine.store.redis.hset(f"sr:a:{KIND}:{registry.term}:{students[0].id}", mapping={"version": 2**60})
    assert due(registry) == 5
    assert [limit_in_redis(registry, one) for one in students] == [-1, 100, 100, 100, 100]


def test_a_rebuild_brings_them_too_and_leaves_nothing_to_do(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuild, "DRAIN_WITHIN_S", 0.1)
    monkeypatch.setattr(rebuild, "WORKERS_SWITCH_WITHIN_S", 0.0)
    student = registry.student("10.0")
    assert due(registry) == 1
    set_limit(registry, student, "20.0")
    registry.engine.store.redis.flushdb()
    assert registry.engine.watch.tick() == "rebuilt"
    assert limit_in_redis(registry, student) == 200
    assert due(registry) == 0


def test_who_began_before_a_rebuild_and_ends_after_it_has_not_done_it(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of what it handed over was emptied."""
    monkeypatch.setattr(accounts, "CHUNK", 1)
    students, part = [registry.student() for _ in range(2)], registry.engine.accounts
    hand_over, told = part.hand_over, list[int]()

    def interrupted(kind: str, users: Collection[int], scopes: Collection[int] | None = None) -> int:
        told.extend(users)
        done = hand_over(kind, users, scopes)
        if len(told) == 1:
            registry.engine.store.redis.flushdb()
            begin(registry, epoch=2)
        return done

    monkeypatch.setattr(part, "hand_over", interrupted)
    assert due(registry) == 2
    assert [knows(registry, one) for one in students] == [False, True]
    assert due(registry) == 2
    assert all(knows(registry, one) for one in students)


def begin(registry: Registry, epoch: int) -> None:
    store = registry.engine.store
    store.install()
    store.begin(epoch, store.run_id(), rate=50_000, burst=50_000)


def test_a_term_whose_accounts_were_forgotten_is_handed_over_again(registry: Registry) -> None:
    """Its dates were moved into the past and back."""
    student, now = registry.student(), registry.services.clock.now().date()
    assert due(registry) == 1
    registry.move_term(now - timedelta(weeks=40))
    registry.engine.loader.unload_past()
    assert not knows(registry, student)
    registry.move_term(now)
    assert due(registry) == 1
    assert knows(registry, student)
