"""Notices that decisions of the engine cause: written once each, for whom they are about."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text

from app.admission.engine import Engine
from app.admission.models import OutboxRow
from app.admission.outbox import Effects, append
from app.admission.revoking import revoke_all
from app.auth.models import Account
from app.catalogue.models import KIND, Section
from app.extensions.services import Services
from app.notices.models import Notice
from app.notices.outcomes import OutcomeNotices
from app.notices.queries import list_received
from app.notices.texts import words_of
from tests.factories import actor_for
from tests.functional.enrolment.conftest import Registry, registry
from tests.functional.lectures.conftest import engine, hall

__all__ = ["engine", "hall", "registry"]


@pytest.fixture
def outcomes(services: Services, engine: Engine) -> OutcomeNotices:
    return OutcomeNotices(services, engine)


def told(services: Services, who: Account, language: str = "en") -> list[str]:
    """Titles of what somebody was told."""
    rows, _ = list_received(services, actor_for(services, who), unread=False, before=None, limit=50)
    return [words_of(row.notice, language)[0] for row in rows]


def test_who_is_promoted_is_told_once(registry: Registry, outcomes: OutcomeNotices, services: Services) -> None:
    section = registry.section(capacity=1)
    first, second = registry.student(), registry.student()
    assert registry.settled(first, section).state == "confirmed"
    assert registry.settled(second, section).state == "waitlisted"
    assert outcomes.follow() == 0
    registry.drop(first, section)
    registry.hall.settle()
    assert outcomes.follow() == 1
    assert outcomes.follow() == 0
    # Another process, or this one after a restart, reads the outbox from its beginning.
    assert OutcomeNotices(services, registry.engine).follow() == 0
    assert told(services, first) == []
    (title,) = told(services, second)
    assert title.startswith("You have a seat: ")
    assert told(services, second, "zh")[0].startswith("候补成功：")


def test_a_section_that_is_called_off(registry: Registry, outcomes: OutcomeNotices, services: Services) -> None:
    section = registry.section(capacity=2)
    students = [registry.student() for _ in range(3)]
    for one in students:
        registry.settled(one, section)
    _revoke(registry, section, "section_cancelled")
    assert outcomes.follow() == 1
    assert [told(services, one)[0][:10] for one in students] == ["Called off"] * 3
    with services.db.transaction() as session:
        notice = session.scalars(select(Notice)).one()
        course = session.scalar(select(Section.course_id).where(Section.id == section))
    assert (notice.scope, notice.link) == ("student", f"/courses/{course}?term_id={registry.term}")


def test_a_place_that_is_revoked(registry: Registry, outcomes: OutcomeNotices, services: Services) -> None:
    section, student = registry.section(), registry.student()
    registry.settled(student, section)
    _revoke(registry, section, "revoked_by_staff")
    outcomes.follow()
    assert told(services, student, "zh")[0].startswith("名额被撤销：")


def test_a_row_that_commits_late_is_not_missed(
    registry: Registry, outcomes: OutcomeNotices, services: Services
) -> None:
    """Its stamp is older than what has been read already."""
    section, student = registry.section(), registry.student()
    registry.settled(student, section)
    outcomes.follow()
    _revoke(registry, section, "revoked_by_staff")
    with services.db.transaction() as session:
        newest = select(OutboxRow.id).order_by(OutboxRow.create_time.desc()).limit(1)
        row_id = session.scalar(newest)
        session.execute(
            text("UPDATE outbox SET create_time = create_time - INTERVAL 60 SECOND WHERE id = :id"), {"id": row_id}
        )
    assert outcomes.follow() == 1


def test_without_the_unique_key_two_processes_tell_twice(
    registry: Registry, outcomes: OutcomeNotices, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard turned off: both have looked before either has written."""
    section, student = registry.section(), registry.student()
    registry.settled(student, section)
    _revoke(registry, section, "revoked_by_staff")
    notices = [(one, targets) for one, targets in _found(outcomes)]
    other = [(one, targets) for one, targets in _found(OutcomeNotices(services, registry.engine))]
    assert outcomes._write(*notices[0])
    assert not outcomes._write(*other[0])
    with services.db.transaction() as session:
        session.execute(text("UPDATE notice SET source = NULL"))
    again = [(one, targets) for one, targets in _found(OutcomeNotices(services, registry.engine))]
    assert outcomes._write(*again[0])
    assert len(told(services, student)) == 2


def _found(outcomes: OutcomeNotices) -> list[Any]:
    with outcomes._services.db.transaction() as session:
        rows = session.execute(select(OutboxRow.id, OutboxRow.payload)).all()
    return [one for row in rows for one in outcomes._notices(row.id, row.payload)]


def _revoke(registry: Registry, section: int, reason: str) -> None:
    services, engine = registry.services, registry.engine
    with services.db.transaction() as session:
        now = services.clock.epoch_ms()
        claims = revoke_all(session, engine.kinds, KIND, section, reason=reason, now_ms=now)
        append(session, services.ids, Effects(claims=claims))
