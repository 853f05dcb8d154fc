"""Accounts in Redis follow what MariaDB holds: whatever was read before a change never undoes it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.admission.errors import PrerequisiteError
from app.admission.outbox import Effects, append
from app.auth.models import Account
from app.catalogue.models import KIND
from app.catalogue.selection_models import CompletedCourse
from app.enrolment import accounts
from app.enrolment.accounts import accounts_of, passed_by
from tests.clock import TravelClock
from tests.functional.enrolment.conftest import Registry


def set_limit(registry: Registry, student: Account, limit: str) -> None:
    with registry.services.db.transaction() as session:
        session.execute(
            text("UPDATE term_credit SET credit_limit = :limit WHERE student_id = :student"),
            {"limit": limit, "student": student.id},
        )


def limit_in_redis(registry: Registry, student: Account) -> int:
    return int(registry.engine.store.redis.hget(f"sr:a:{KIND}:{registry.term}:{student.id}", "limit") or -1)


def test_who_read_before_a_change_and_is_late_does_not_undo_it(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    student = registry.student("10.0")

    def interrupted(session: Session, students: Any) -> dict[int, set[int]]:
        """Between two reads of a slow worker the limit changes, and a quicker one says so."""
        monkeypatch.undo()
        set_limit(registry, student, "20.0")
        hand_over(registry, student)
        return passed_by(session, students)

    monkeypatch.setattr(accounts, "passed_by", interrupted)
    hand_over(registry, student)
    assert limit_in_redis(registry, student) == 200


def hand_over(registry: Registry, student: Account) -> None:
    with registry.services.db.transaction() as session:
        found = accounts_of(session, [student.id])
    registry.engine.epochs.fenced(lambda fence: registry.engine.store.set_accounts(KIND, found, fence=fence))


def test_a_change_that_is_told_as_an_effect_is_in_force_at_once(registry: Registry) -> None:
    passed, student = registry.course(), registry.student()
    section = registry.section(registry.course(needs=(passed,)))
    with pytest.raises(PrerequisiteError):
        registry.enrol(student, section)
    registry._add(CompletedCourse, student_id=student.id, course_id=passed, term_id=1, passed=True)
    assert registry.engine.applier.apply(Effects(accounts=[(KIND, student.id)]))
    assert registry.settled(student, section).state == "confirmed"


def test_what_nobody_told_the_relay_tells(registry: Registry, clock: TravelClock) -> None:
    """The process that changed it died after its commit."""
    student, section = registry.student("10.0"), registry.section()
    registry.settled(student, section)
    set_limit(registry, student, "20.0")
    with registry.services.db.transaction() as session:
        append(session, registry.services.ids, Effects(accounts=[(KIND, student.id)]))
    clock.advance(10)
    registry.engine.keeper.relay()
    assert limit_in_redis(registry, student) == 200
    assert registry.account(student) == {section: "seat"}
