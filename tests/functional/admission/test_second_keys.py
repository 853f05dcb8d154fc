"""Two keys of one person for one seat, at a worker that cannot ask Redis: the second is told of the first, by its mark."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.admission import second_keys
from app.admission.claims import Claim, claim_id
from app.admission.engine import Engine
from app.admission.errors import AlreadyClaimedError
from app.admission.gate import Admission
from app.admission.marks import Marks, seat_of
from app.admission.second_keys import SecondKeys
from app.admission.settle import settle
from app.extensions.db import Database
from app.lectures.models import KIND
from app.offerings import build_engine
from tests.functional.admission.conftest import Hall, MakeId
from tests.waiting import until

NOBODY = "mysql+pymysql://root@127.0.0.1:1/none"


def wish(lecture: int, key: str, *, user: int = 1, cart: str = "") -> Claim:
    return Claim(claim_id(user, "book", KIND, lecture, key), KIND, "book", user, lecture, cart=cart)


@pytest.fixture
def worker(other: Engine, hall: Hall, near: Marks) -> Engine:
    """It has marks, and no Redis."""
    return build_engine(replace(hall.services, breakers=other.gate._breakers, zookeeper=near._client))


@pytest.fixture
def running(worker: Engine, make: MakeId) -> Claim:
    """A claim that is in progress: nobody settles it."""
    first = wish(make(), "first")
    assert worker.gate.submit(first) == Admission(first.id, None)
    return first


def refused(worker: Engine, claim: Claim) -> dict[str, object]:
    with pytest.raises(AlreadyClaimedError) as error:
        worker.gate.submit(claim)
    return error.value.data


def test_a_second_key_is_answered_with_the_running_claim(worker: Engine, running: Claim) -> None:
    second = wish(running.offering_id, "second")
    assert refused(worker, second) == {"claim_id": running.id, "state": "pending"}
    assert worker.gate.submit(running) == Admission(running.id, None)  # a replay is none
    assert worker.gate.submit(replace(second, user_id=2)) == Admission(second.id, None)


def test_so_it_is_within_one_pass(worker: Engine, make: MakeId) -> None:
    lecture = make()
    first, second = wish(lecture, "first"), wish(lecture, "second")
    outcomes = worker.gate.submit_together([first, first, second])
    assert outcomes[:2] == [Admission(first.id, None)] * 2
    assert isinstance(outcomes[2], AlreadyClaimedError)


def test_two_that_passed_each_other_are_both_repeated(worker: Engine, near: Marks, running: Claim) -> None:
    """At two workers in the same instant: both were accepted, and neither's replay may be refused."""
    second = wish(running.offering_id, "second")
    assert near.create([second])
    until(lambda: near_mark(worker, running) == {running.id, second.id}, "both in the mark", 10)
    for claim in (running, second):
        assert worker.gate.submit(claim) == Admission(claim.id, None)


def test_a_mark_that_outlived_its_claim_refuses_nobody(worker: Engine, running: Claim, hall: Hall) -> None:
    decide(hall, running)
    assert near_mark(worker, running) == {running.id}
    second = wish(running.offering_id, "second")
    assert worker.gate.submit(second) == Admission(
        second.id, None
    )  # and settle rejects it, if the first one has a seat


def test_without_mariadb_a_mark_refuses_nobody(worker: Engine, running: Claim) -> None:
    """Nothing is decided by a mark alone."""
    worker.gate._second_look._db = Database(NOBODY)
    second = wish(running.offering_id, "second")
    assert worker.gate.submit(second) == Admission(second.id, None)


def test_a_cart_that_is_sent_again_is_a_replay_too(worker: Engine, make: MakeId) -> None:
    """Its mark is a cart's; the seat's own names somebody else's key, which was accepted at another worker."""
    lecture = make()
    wished, second = wish(lecture, "first", cart="c"), wish(lecture, "second")
    assert worker.gate.submit_together([wished]) == [Admission(wished.id, None)]
    assert worker.gate.submit(second) == Admission(second.id, None)  # of a cart's claims nobody knows which is which
    assert worker.gate.submit_together([wished]) == [Admission(wished.id, None)]


def test_a_claim_that_is_decided_is_a_replay(worker: Engine, near: Marks, running: Claim, hall: Hall) -> None:
    """Its mark is gone with its effects; since then another key is in progress."""
    decide(hall, running)
    second = wish(running.offering_id, "second")
    near.delete([seat_of(running)])
    assert near.create([second])
    assert worker.gate.submit(running) == Admission(running.id, None)
    third = wish(running.offering_id, "third")
    outcomes = worker.gate.submit_together([running, third])
    assert outcomes[0] == Admission(running.id, None)
    assert isinstance(outcomes[1], AlreadyClaimedError)
    assert outcomes[1].data["claim_id"] == second.id


def test_giving_up_a_seat_is_no_claim_on_it(worker: Engine, near: Marks, make: MakeId) -> None:
    booked = wish(make(), "first")
    leaving = replace(booked, id=claim_id(1, "cancel", KIND, booked.offering_id, "k"), action="cancel")
    assert near.create([leaving])
    assert near_mark(worker, booked) == {leaving.id}
    assert worker.gate.submit(booked) == Admission(booked.id, None)


def test_without_zookeeper_nobody_is_refused(worker: Engine, make: MakeId, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both keys may have been accepted before: nobody can say."""
    monkeypatch.setattr(Marks, "_contents", lambda *_: ({}, False))
    lecture = make()
    first, second = wish(lecture, "first"), wish(lecture, "second")
    outcomes: list[object] = list(worker.gate.submit_together([first, second]))
    assert outcomes == [Admission(first.id, None), Admission(second.id, None)]


@pytest.mark.parametrize("off", ["refuse", "note"])
def test_guard_off_the_second_is_accepted_too(
    worker: Engine, make: MakeId, monkeypatch: pytest.MonkeyPatch, off: str
) -> None:
    monkeypatch.setattr(SecondKeys, off, lambda *_: None)
    lecture = make()
    first, second = wish(lecture, "first"), wish(lecture, "second")
    outcomes: list[object] = list(worker.gate.submit_together([first, second]))
    assert outcomes == [Admission(first.id, None), Admission(second.id, None)]


def test_guard_off_an_ended_claim_refuses_for_ever(
    worker: Engine, running: Claim, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_keys, "decided", lambda *_: {})
    decide(hall, running)
    assert refused(worker, wish(running.offering_id, "second"))["claim_id"] == running.id


def decide(hall: Hall, claim: Claim) -> None:
    """In MariaDB; its effects have not come yet."""
    with hall.services.db.transaction() as session:
        settle(session, hall.engine.kinds, hall.services.ids, [claim], hall.services.clock.epoch_ms())


def near_mark(worker: Engine, claim: Claim) -> frozenset[str]:
    place = seat_of(claim)
    return worker.gate._marks.claims_at([place]).get(place, frozenset())
