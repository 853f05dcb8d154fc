"""Poison in the claim queues: it is buried, the others are not affected, and what is buried can be driven again."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from itertools import product
from typing import Any

import pika
import pytest

from app.admission.claims import Claim
from app.admission.deadletters import queue_depths, redrive
from app.catalogue.models import KIND as SECTION
from app.extensions.broker import DEAD, Message, claim_queue, parameters
from app.lectures.models import KIND as LECTURE
from tests.campus import Campus

KINDS = (LECTURE, SECTION)

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
# Claims in form, which no transaction takes: (on what, how they are spoiled).
HOPELESS: list[tuple[str, dict[str, Any]]] = [
    *product(
        KINDS,
        [
            {"user_id": 2**70},
            {"admitted_at": 10**18},
            {"kind": None},
            {"pools": (["0"],), "pool": ["0"]},
            {"target": {"a": 1}, "action": "cancel"},
            {"admitted_at": -(10**17)},
            {"offering_id": 2**70},
        ],
    ),
    (SECTION, {"action": "swap", "drops": 2**70}),
    (SECTION, {"action": "swap", "drops": 98, "target": {"a": 1}}),
]


def test_garbage_is_buried_and_the_others_are_decided(campus: Campus) -> None:
    consumer = campus.service("claims").pid
    with campus.load() as load:
        put(campus, *GARBAGE)
        campus.until(lambda: buried(campus) == len(GARBAGE), "the burial of all garbage")
    campus.purge(DEAD)
    assert campus.verify(*load) == []
    assert campus.service("claims").pid == consumer


def test_a_claim_that_no_transaction_takes_is_buried_alone(campus: Campus) -> None:
    fine = [good(campus, kind) for kind, _ in HOPELESS]
    with campus.load() as load:
        for claim, (kind, fields) in zip(fine, HOPELESS, strict=True):
            put(campus, dumps(asdict(claim)), dumps({**asdict(good(campus, kind)), **fields}))
        campus.until(lambda: buried(campus) == len(HOPELESS), "the burials")
    campus.purge(DEAD)
    assert campus.verify(*load) == []
    assert {campus.decided(claim.id) for claim in fine} == {("rejected", "not_published")}


def test_a_claim_on_what_does_not_exist_is_rejected(campus: Campus) -> None:
    claims = [good(campus, kind) for kind in KINDS]
    claims.append(replace(good(campus, SECTION), action="swap", drops=98))
    put(campus, *(dumps(asdict(claim)) for claim in claims))
    for claim in claims:
        campus.until(lambda claim=claim: campus.decided(claim.id) == ("rejected", "not_published"), "the rejection")
    assert buried(campus) == 0


def test_poison_waits_in_its_queue_until_the_broker_has_taken_the_dead_letter(campus: Campus) -> None:
    """The dead-letter queue is out of reach for a while: nothing is lost, and healthy claims are decided meanwhile."""
    with graves_closed(campus):
        with campus.load(at_least=40) as load:
            for kind in KINDS:
                spoiled = {**asdict(good(campus, kind)), "user_id": 2**70}
                put(campus, b"garbage", dumps(asdict(good(campus, kind))), dumps(spoiled))
            campus.until(load.told, "a first decision")
        assert all(wish.state for crowd in load for wish in crowd.wishes if wish.promised)
    campus.until(lambda: buried(campus) == 4, "the burial of all")
    campus.purge(DEAD)
    assert campus.verify(*load) == []


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


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_buried_by_mistake_is_driven_again(campus: Campus, kind: str) -> None:
    """A claim in the dead-letter queue is a promise still to be kept: the checker says so until it is decided."""
    crowd = campus.crowd()
    offering = campus.lecture(capacity=1) if kind == LECTURE else campus.section(campus.term(), capacity=1)
    wish = crowd.wish(campus.students(1)[0], offering, kind=kind)
    claim = Claim(wish.claim_id, kind, "book", wish.student.id, offering, admitted_at=campus.now_ms())
    campus.services.publisher.publish([Message(DEAD, "", claim.id, dumps(asdict(claim)))], 5)
    campus.until(lambda: buried(campus) == 1, "the burial")
    assert f"undecided claim {claim.id} in the dead-letter queue" in campus.verify(crowd, within=0.5)
    assert redrive(campus.settings.amqp_url, campus.services.publisher).driven == 1
    campus.until(lambda: crowd.look(wish) == "confirmed", "the decision")
    assert campus.verify(crowd) == []


def good(campus: Campus, kind: str) -> Claim:
    """A claim in good form on something that does not exist."""
    return Claim(str(uuid.uuid4()), kind, "book", 1, 99, hold="seat", admitted_at=campus.now_ms())


def dumps(claim: dict[str, Any]) -> bytes:
    """The standard library's: orjson refuses numbers beyond 64 bits."""
    return json.dumps([claim]).encode()


def put(campus: Campus, *bodies: bytes) -> None:
    messages = [Message("", claim_queue(0), str(uuid.uuid4()), body) for body in bodies]
    assert not campus.services.publisher.publish(messages, 5)


def buried(campus: Campus) -> int:
    return queue_depths(campus.settings.amqp_url, campus.settings.claim_queues)[DEAD]
