"""Two workers, one of which noticed an outage of Redis that the other did not."""

from __future__ import annotations

from datetime import timedelta
from time import monotonic

import pytest
from gevent.event import Event

from app.admission import owning_up
from app.admission.claims import Claim
from app.admission.engine import Engine
from app.admission.errors import NotOpenError, OutcomeUnknownError, SoldOutError
from app.admission.store import EpochError
from app.auth.actor import Actor
from app.auth.models import Account
from app.lectures.booking import book, cancel
from app.lectures.closing import close_lecture
from ops.stack import Stack
from tests.factories import actor_for
from tests.functional.admission.conftest import UNANSWERED_S, Hall, MakeId
from tests.functional.lectures.conftest import without_redis
from tests.waiting import until


@pytest.fixture
def students(hall: Hall) -> list[Actor]:
    return [actor_for(hall.services, one) for one in hall.students(3)]


def test_whoever_is_accepted_past_redis_is_refused_by_no_worker(
    engine: Engine, other: Engine, make: MakeId, students: list[Actor]
) -> None:
    """The last seat goes at the first worker; a claim past it may yet get it, and its replay must not hear "sold out"."""
    lecture = make(capacity=1, waitlist_capacity=0)
    book(engine, students[0], lecture, "key-00000001")
    accepted = book(other, students[1], lecture, "key-00000001")
    assert accepted.sequence is None
    assert book(engine, students[1], lecture, "key-00000001") == accepted


def test_tell_first_off_a_seat_is_given_to_somebody_who_was_told_that_there_is_none(
    engine: Engine, other: Engine, make: MakeId, students: list[Actor], hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis is told a moment later, as when it cannot be reached: too late for the replay at the other worker."""
    moment = Event()
    keep_telling = owning_up.OwningUp._keep_telling
    monkeypatch.setattr(owning_up.OwningUp, "tell_first", lambda self: None)
    monkeypatch.setattr(owning_up.OwningUp, "_keep_telling", lambda self: moment.wait() and keep_telling(self))
    lecture = make(capacity=1, waitlist_capacity=0)
    book(engine, students[0], lecture, "key-00000001")
    accepted = book(other, students[1], lecture, "key-00000001")
    with pytest.raises(SoldOutError):
        book(engine, students[1], lecture, "key-00000001")
    cancel(engine, students[0], lecture, "key-00000002")
    hall.settle()
    now = hall.services.clock.epoch_ms()
    past_redis = Claim(accepted.claim_id, "lecture", "book", students[1].account_id, lecture, admitted_at=now)
    assert [one.state for one in hall.settle([past_redis])] == ["confirmed"]
    moment.set()
    until(lambda: engine.store.stored_fence()[0] == 0, "Redis that was told")


def test_a_window_that_has_shut_is_no_refusal_where_redis_is_not_asked(
    engine: Engine, other: Engine, make: MakeId, students: list[Actor], hall: Hall, manager: Account
) -> None:
    """The claim was accepted in time, and will be confirmed: its replay at a worker without Redis is not told "closed"."""
    lecture = make()
    accepted = book(engine, students[0], lecture, "key-00000001")
    close_lecture(hall.services, engine, actor_for(hall.services, manager), lecture)
    with pytest.raises(OutcomeUnknownError) as error:
        book(other, students[0], lecture, "key-00000001")
    assert error.value.data["claim_id"] == accepted.claim_id
    assert [one.state for one in hall.settle()] == ["confirmed"]
    later = make(opens_at=hall.services.clock.now() + timedelta(hours=1))
    with pytest.raises(NotOpenError):
        book(other, students[0], later, "key-00000001")


def test_redis_is_told_even_while_others_trust_it(
    engine: Engine, other: Engine, make: MakeId, students: list[Actor]
) -> None:
    lecture = make()
    assert book(other, students[0], lecture, "key-00000001").sequence is None
    with pytest.raises(EpochError):
        engine.epochs.fenced(lambda fence: engine.store.admit([], fence=fence, interval_ms=0, emission_ms=0, burst=1))


def test_a_redis_that_hangs_stalls_the_direct_path_no_further(
    other: Engine, make: MakeId, students: list[Actor], stack: Stack
) -> None:
    lecture = make()
    other.sheets.get("lecture", lecture)
    redis = stack.service("redis")
    redis.pause()
    try:
        assert quickest(other, students, lecture) < owning_up.FIRST_WITHIN_S + UNANSWERED_S / 2
    finally:
        redis.resume()


def test_nor_does_one_that_is_gone(other: Engine, make: MakeId, students: list[Actor], stack: Stack) -> None:
    lecture = make()
    other.sheets.get("lecture", lecture)
    with without_redis(stack):
        assert quickest(other, students, lecture) < owning_up.FIRST_WITHIN_S + UNANSWERED_S / 2


def quickest(other: Engine, students: list[Actor], lecture: int) -> float:
    """The shortest of some bookings past Redis, in seconds: a machine may be busy with one of them, but Redis's own
    time-out would be in all."""
    took = []
    for student in students:
        began = monotonic()
        assert book(other, student, lecture, "key-00000001").sequence is None
        took.append(monotonic() - began)
    return min(took)
