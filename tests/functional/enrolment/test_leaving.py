"""A student leaves while claims of theirs are on their way, or are just being decided: nothing is held afterwards."""

from __future__ import annotations

from collections.abc import Sequence

import gevent
import pytest

from app.admission.claims import Claim, Standing
from app.auth.actor import Actor
from app.auth.models import Account
from app.auth.permissions import Role
from app.enrolment import judging
from app.enrolment.judging import SectionJudge
from app.lectures import judging as lecture_judging
from app.lectures.booking import book
from app.org.people.withdrawing import REASON, withdraw_student
from app.org.staying import hold_students
from tests.factories import actor_for, make_account, make_student
from tests.functional.enrolment.conftest import Registry
from tests.functional.lectures.conftest import Maker
from tests.meeting import GENEROUS_S, until_done_or_held_up


def manager_of(registry: Registry) -> Actor:
    return actor_for(registry.services, make_account(registry.services, Role.MANAGER))


def withdraw(registry: Registry, student: Account, manager: Actor | None = None) -> None:
    withdraw_student(registry.services, registry.engine, manager or manager_of(registry), student.id)


def leaving_while_it_is_decided(registry: Registry, student: Account, section: int) -> Standing:
    """Settle has looked who the student is when the student leaves."""
    manager, leaving = manager_of(registry), list[gevent.Greenlet]()

    class Slow(SectionJudge):
        def read(self, claims: Sequence[Claim]) -> None:
            super().read(claims)
            if not leaving:
                leaving.append(gevent.spawn(withdraw, registry, student, manager))
                until_done_or_held_up(leaving[0], registry.services.db)

    claim = registry.enrol(student, section)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.enrolment.kind.SectionJudge", Slow)
        registry.hall.settle()
        leaving[0].get(timeout=GENEROUS_S)
    return registry.standing(claim)


def test_who_leaves_while_it_is_decided_holds_nothing(registry: Registry) -> None:
    student, section = registry.student(), registry.section()
    found = leaving_while_it_is_decided(registry, student, section)
    assert (found.state, found.reason, registry.holds(student)) == ("cancelled", REASON, {})
    assert registry.used(student) == 0


def test_without_being_held_the_student_leaves_unseen(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "hold_students", lambda *_: set())
    student, section = registry.student(), registry.section()
    assert leaving_while_it_is_decided(registry, student, section).state == "confirmed"
    assert registry.holds(student) == {section: "confirmed"}


@pytest.mark.parametrize("guarded", [True, False])
def test_a_lecture_open_to_all_is_not_open_to_who_has_left(
    registry: Registry, make: Maker, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Such a lecture asks nobody who they are: a claim on its way was confirmed for somebody who is not here any more."""
    if not guarded:
        monkeypatch.setattr(lecture_judging, "hold_students", lambda *_: set())
    student, lecture = make_student(registry.services), make().lecture.id
    claim = book(registry.engine, actor_for(registry.services, student), lecture, "key-00000001").claim_id
    withdraw(registry, student)
    registry.hall.settle()
    found = registry.standing(claim)
    assert (found.state, found.reason) == (("rejected", "not_a_student") if guarded else ("confirmed", ""))


def test_settles_hold_a_student_together_and_only_those_who_are_asked_for(registry: Registry) -> None:
    """Two consumers, one student; another one is nobody's and can be edited."""
    held, other = make_student(registry.services), make_student(registry.services)
    with registry.services.db.transaction() as one, registry.services.db.transaction() as another:
        assert hold_students(one, [held.id]) == hold_students(another, [held.id]) == set()
        withdraw(registry, other)
    with registry.services.db.transaction() as session:
        assert hold_students(session, [held.id, other.id, 1]) == {other.id}
        assert hold_students(session, []) == set()
