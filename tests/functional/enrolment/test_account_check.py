"""Redis's accounts are MariaDB's: after a rebuild with clashes, credits and lines; and whatever differs is named."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.admission import rebuild
from app.admission.account_check import AccountDifference
from app.auth.models import Account
from app.catalogue.models import KIND
from app.enrolment.judging import SectionJudge
from ops.drills.account_rules import students_wrong
from tests.functional.enrolment.conftest import MONDAY_1_2, MONDAY_2_3, TUESDAY_1_2, Registry


def differences(registry: Registry) -> list[AccountDifference]:
    """At rest: the hall applies effects, but says so to nobody."""
    with registry.services.db.transaction() as session:
        session.execute(text("UPDATE outbox SET done_at = NOW(6)"))
    return registry.engine.account_check.differences(KIND)


def wrong(registry: Registry) -> list[str]:
    with registry.services.db.transaction() as session:
        return list(students_wrong(session))


@pytest.fixture
def busy(registry: Registry) -> tuple[Account, int]:
    """Students with seats, places in the line, a swap, courses passed; one of them, and a section he sits in."""
    passed = registry.course()
    monday, tuesday = registry.section(None, MONDAY_1_2), registry.section(registry.course("3.0"), TUESDAY_1_2)
    full, other = registry.section(None, MONDAY_2_3, capacity=1), registry.section(None, MONDAY_2_3)
    reserved = registry.section(registry.course(needs=(passed,)))
    students = [registry.student("8.0", passed=(passed,)) for _ in range(3)]
    for section in (full, reserved):
        for student in students:
            registry.settled(student, section)
    for student in students[1:]:
        registry.settled(student, tuesday)
    registry.settled(students[1], monday)  # fills the hour that he waits for
    registry.swap(students[0], full, other)
    registry.hall.settle()
    return students[1], monday


def test_after_a_rebuild_everything_is_as_before(
    registry: Registry, busy: tuple[Account, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuild, "DRAIN_WITHIN_S", 0.1)  # nothing is on its way, and no consumer answers the barriers
    assert (differences(registry), wrong(registry)) == ([], [])
    registry.engine.watch.rebuild()
    assert (differences(registry), wrong(registry)) == ([], [])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("limit", "999"),
        ("passed", "||"),
        ("bar", "说不"),
        ("h:1", "seat|20|1|"),
        ("h", None),
        ("used", "1"),
        ("groups", "|7|"),
        ("busy", ";1:1:1"),
    ],
)
def test_what_differs_is_named(registry: Registry, busy: tuple[Account, int], field: str, value: str | None) -> None:
    student, section = busy
    redis, key = registry.engine.store.redis, f"sr:a:{KIND}:{registry.term}:{student.id}"
    name = field if value else f"h:{section}"
    if value:
        redis.hset(key, field, value)
    else:
        redis.hdel(key, name)
    (found,) = differences(registry)
    assert (found.scope, found.user_id, found.field, found.redis) == (registry.term, student.id, name, value)


def test_nothing_is_said_while_claims_are_on_their_way(registry: Registry, busy: tuple[Account, int]) -> None:
    student, section = busy
    registry.engine.store.redis.hdel(f"sr:a:{KIND}:{registry.term}:{student.id}", f"h:{section}")
    registry.enrol(registry.student(), registry.section())
    assert differences(registry) == []
    registry.hall.settle()
    assert len(differences(registry)) == 1


def test_an_account_that_was_never_handed_over_is_not_wrong(registry: Registry, busy: tuple[Account, int]) -> None:
    registry.engine.store.redis.hdel(f"sr:a:{KIND}:{registry.term}:{busy[0].id}", "limit", "passed", "bar", "version")
    assert differences(registry) == []


def test_rows_that_break_a_rule_are_named(registry: Registry) -> None:
    """What no statement of the application can write: the checker is not blind."""
    student = registry.student("4.0")
    for section in (registry.section(None, MONDAY_1_2), registry.section(None, TUESDAY_1_2)):
        registry.settled(student, section)
    with registry.services.db.transaction() as session:
        session.execute(text("UPDATE meeting SET weekday = 1"))
        session.execute(text("UPDATE term_credit SET used = 1.0"))
        session.execute(text("UPDATE enrolment SET course_id = 7, active = 1 WHERE student_id = 0"))
    found = wrong(registry)
    assert any("at once" in one for one in found)
    assert any("has 4.0 credits, 1.0 counted, of 4.0" in one for one in found)


def test_accounts_of_a_term_that_is_over_are_forgotten(registry: Registry, busy: tuple[Account, int]) -> None:
    redis: Any = registry.engine.store.redis
    over, student = registry.term, registry.student()
    registry.open_term()
    later = registry.section()
    registry.grant(student)
    registry.settled(student, later)
    with registry.services.db.transaction() as session:
        long_ago = registry.services.clock.now().date() - timedelta(weeks=30)
        session.execute(text("UPDATE term SET starts_on = :day WHERE id = :term"), {"day": long_ago, "term": over})
    assert redis.keys(f"sr:a:{KIND}:{over}:*")
    assert registry.engine.loader.unload_past() > 0
    assert redis.keys(f"sr:a:{KIND}:{over}:*") == []
    assert redis.smembers("sr:scopes") == {f"{KIND}:{registry.term}".encode()}
    assert registry.account(student) == {later: "seat"}
    assert differences(registry) == []


def test_without_asking_again_a_waiter_is_promoted_into_a_clash(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A drop against a promotion: whoever waits has filled the hour meanwhile."""
    section, clashing = registry.section(None, MONDAY_1_2, capacity=1, line=5), registry.section(None, MONDAY_2_3)
    first, busy = registry.student(), registry.student()
    registry.settled(first, section)
    registry.settled(busy, section)
    registry.settled(busy, clashing)
    monkeypatch.setattr(SectionJudge, "waiter_refusals", lambda *_: {})
    registry.drop(first, section)
    registry.hall.settle()
    assert any(f"student {busy.id} sits in" in one for one in wrong(registry))


def test_without_asking_in_settle_whom_a_restriction_keeps_out_comes_in(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made in mid-round: Redis has promised a seat already."""
    student, course = registry.student(), registry.course()
    section = registry.section(course)
    for keeps, state in ((True, "rejected"), (False, "confirmed")):
        made = registry.enrol(student, section)
        registry.restrict(course, "except", grades=[2024])
        if not keeps:
            monkeypatch.setattr(SectionJudge, "refusal", lambda *_: None)
        registry.hall.settle()
        assert registry.standing(made).state == state
        registry.unrestrict(course)
        registry.engine.store.redis.delete(f"sr:lim:{student.id}:{KIND}:{section}")
