"""Poison in the claim queues: it is buried, the others are not affected, and what is buried can be driven again."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import pika

from app.admission.claims import Claim
from app.admission.deadletters import queue_depths, redrive
from app.extensions.broker import DEAD, Message, claim_queue, parameters
from tests.campus import Campus

# What a broken publisher might send: each is no claim at all.
GARBAGE = [
    b"",
    b"\x00\xff garbage",
    b"{}",
    b'"claim"',
    b"[1, 2]",
    b'[{"id": 5, "kind": "lecture", "action": "book", "user_id": 1, "offering_id": 2, "pools": ["0"]}]',
    b'[{"id": "5", "kind": "lecture", "action": "book", "user_id": 1, "offering_id": 2, "pools": ["0"]}]',
    b'[{"id": "5ea7f1a5-0000-5000-8000-000000000000", "kind": "lecture", "action": [], "user_id": 1, "offering_id": 2,'
    b' "pools": ["0"]}]',
    b'[{"id": "5ea7f1a5-0000-5000-8000-000000000000", "kind": "lecture", "action": "book", "user_id": "x",'
    b' "offering_id": 2, "pools": ["0"]}]',
]
# Claims in form, which no transaction takes.
HOPELESS: list[dict[str, Any]] = [
    {"user_id": 2**70},
    {"admitted_at": 10**18},
    {"kind": None},
    {"pools": (["0"],), "pool": ["0"]},
    {"target": {"a": 1}, "action": "cancel"},
    {"admitted_at": -(10**17)},
    {"offering_id": 2**70},
]


def test_garbage_is_buried_and_the_others_are_decided(campus: Campus) -> None:
    consumer = campus.service("claims").pid
    with campus.steady_load(students=150) as crowd:
        put(campus, *GARBAGE)
        campus.until(lambda: buried(campus) == len(GARBAGE), "the burial of all garbage")
    campus.purge(DEAD)
    assert campus.verify(crowd) == []
    assert campus.service("claims").pid == consumer


def test_a_claim_that_no_transaction_takes_is_buried_alone(campus: Campus) -> None:
    fine = [good(campus) for _ in HOPELESS]
    with campus.steady_load(students=100, per_second=200) as crowd:
        for claim, spoiled in zip(fine, HOPELESS, strict=True):
            put(campus, dumps(asdict(claim)), dumps({**asdict(good(campus)), **spoiled}))
        campus.until(lambda: buried(campus) == len(HOPELESS), "the burials")
    campus.purge(DEAD)
    assert campus.verify(crowd) == []
    assert {campus.decided(claim.id) for claim in fine} == {("rejected", "not_published")}


def test_a_claim_on_a_lecture_that_does_not_exist_is_rejected(campus: Campus) -> None:
    claim = good(campus)
    put(campus, dumps(asdict(claim)))
    campus.until(lambda: campus.decided(claim.id) == ("rejected", "not_published"), "the rejection")
    assert buried(campus) == 0


def test_poison_waits_in_its_queue_until_the_broker_has_taken_the_dead_letter(campus: Campus) -> None:
    """The dead-letter queue is out of reach for a while: nothing is lost, and healthy claims are decided meanwhile."""
    with graves_closed(campus):
        with campus.steady_load(students=60, per_second=60) as crowd:
            spoiled = {**asdict(good(campus)), "user_id": 2**70}
            put(campus, b"garbage", dumps(asdict(good(campus))), dumps(spoiled))
            campus.until(lambda: any(wish.state for wish in crowd.wishes), "a first decision")
        assert all(wish.state for wish in crowd.wishes if wish.promised)
    campus.until(lambda: buried(campus) == 2, "the burial of both")
    campus.purge(DEAD)
    assert campus.verify(crowd) == []


@contextmanager
def graves_closed(campus: Campus) -> Iterator[None]:
    """The exchange of dead letters leads nowhere."""
    with pika.BlockingConnection(parameters(campus.settings.amqp_url)) as connection:
        connection.channel().queue_unbind(DEAD, DEAD)
    try:
        yield
    finally:
        with pika.BlockingConnection(parameters(campus.settings.amqp_url)) as connection:
            connection.channel().queue_bind(DEAD, DEAD)


def test_what_was_buried_by_mistake_is_driven_again(campus: Campus) -> None:
    """A claim in the dead-letter queue is a promise still to be kept: the checker says so until it is decided."""
    lecture, crowd = campus.lecture(capacity=1), campus.crowd()
    wish = crowd.wish(campus.students(1)[0], lecture)
    claim = Claim(wish.claim_id, "lecture", "book", wish.student.id, lecture, admitted_at=campus.now_ms())
    campus.services.publisher.publish([Message(DEAD, "", claim.id, dumps(asdict(claim)))], 5)
    campus.until(lambda: buried(campus) == 1, "the burial")
    assert f"undecided claim {claim.id} in the dead-letter queue" in campus.verify(crowd, within=0.5)
    assert redrive(campus.settings.amqp_url, campus.services.publisher).driven == 1
    campus.until(lambda: crowd.look(wish) == "confirmed", "the decision")
    assert campus.verify(crowd) == []


def good(campus: Campus) -> Claim:
    """A claim in good form on a lecture that does not exist."""
    return Claim(str(uuid.uuid4()), "lecture", "book", 1, 99, hold="seat", admitted_at=campus.now_ms())


def dumps(claim: dict[str, Any]) -> bytes:
    """The standard library's: orjson refuses numbers beyond 64 bits."""
    return json.dumps([claim]).encode()


def put(campus: Campus, *bodies: bytes) -> None:
    messages = [Message("", claim_queue(0), str(uuid.uuid4()), body) for body in bodies]
    assert not campus.services.publisher.publish(messages, 5)


def buried(campus: Campus) -> int:
    return queue_depths(campus.settings.amqp_url, campus.settings.claim_queues)[DEAD]
