"""Calling a section off locks as settle does: accounts, then pools. Credits move under both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import gevent
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.admission import revoking
from app.admission.claims import Standing
from app.admission.kinds import Kinds
from app.admission.ledger import Ledger
from app.admission.revoking import revoke_all
from app.auth.models import Account
from app.catalogue.models import KIND
from app.extensions.db import RETRYABLE, error_number
from tests.functional.enrolment.conftest import Registry
from tests.meeting import GENEROUS_S

POOL = text("SELECT id FROM seat_pool WHERE kind = :kind AND offering_id = :section FOR UPDATE NOWAIT")
WAITING = text(
    "SELECT COUNT(*) FROM information_schema.processlist WHERE state <> '' AND info LIKE '%term\\_credit%'"
    " AND id <> CONNECTION_ID()"
)


def revoke(registry: Registry, section: int) -> list[Standing]:
    def work(session: Session) -> list[Standing]:
        now = registry.services.clock.epoch_ms()
        return revoke_all(session, registry.engine.kinds, KIND, section, reason="section_cancelled", now_ms=now)

    with registry.services.db.transaction() as session:
        return work(session)


@contextmanager
def busy(registry: Registry, student: Account) -> Iterator[None]:
    """Settle has the student's account just now, and will want pools."""
    with registry.services.db.transaction() as session:
        session.execute(text("SELECT id FROM term_credit WHERE student_id = :id FOR UPDATE"), {"id": student.id})
        yield


def pool_is_free(registry: Registry, section: int) -> bool:
    try:
        with registry.services.db.transaction() as session:
            session.execute(POOL, {"kind": KIND, "section": section})
    except OperationalError:
        return False
    return True


def somebody_waits(registry: Registry) -> bool:
    with registry.services.db.transaction() as session:
        return bool(session.scalar(WAITING))


def meanwhile(registry: Registry, student: Account, section: int) -> bool:
    """Revoke while the student's account is somebody's: whether settle could have the pool as well, and so be done."""
    with busy(registry, student):
        revoked = gevent.spawn(revoke, registry, section)
        with gevent.Timeout(GENEROUS_S):
            while not somebody_waits(registry):
                gevent.sleep(0.01)
        free = pool_is_free(registry, section)
    assert [one.state for one in revoked.get(timeout=GENEROUS_S)] == ["cancelled"]
    return free


def test_accounts_are_waited_for_before_a_pool_is_held(registry: Registry) -> None:
    student, section = registry.student(), registry.section()
    registry.settled(student, section)
    assert meanwhile(registry, student, section)
    assert (registry.used(student), registry.holds(student)) == (0, {})


def test_as_it_was_the_pool_is_held_by_whoever_waits_for_an_account(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settle would wait for the pool, and the two for each other."""

    def pools_first(session: Session, _kinds: Kinds, kind: str, offering_id: int) -> list[Standing]:
        Ledger(session, [(kind, offering_id)])
        return revoking._live_on(session, kind, offering_id)

    monkeypatch.setattr(revoking, "_lock_live", pools_first)
    student, section = registry.student(), registry.section()
    registry.settled(student, section)
    assert not meanwhile(registry, student, section)


def test_who_came_in_between_is_not_waited_for(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pools are locked by then: the transaction is run again instead."""
    student, section, looks = registry.student(), registry.section(), list[int]()
    registry.settled(student, section)
    live_on = revoking._live_on

    def late(session: Session, kind: str, offering_id: int) -> list[Standing]:
        looks.append(offering_id)
        return live_on(session, kind, offering_id) if len(looks) > 1 else []

    monkeypatch.setattr(revoking, "_live_on", late)
    with busy(registry, student), pytest.raises(OperationalError) as raised:
        revoke(registry, section)
    assert error_number(raised.value) in RETRYABLE
    looks.clear()
    assert [one.state for one in revoke(registry, section)] == ["cancelled"]
