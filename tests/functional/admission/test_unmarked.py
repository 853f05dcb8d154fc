"""Claims whose mark was not made in time: settle is told, and looks for none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import gevent
import pytest

from app.admission import marks
from app.admission.claims import Claim, claim_id
from app.admission.engine import Engine
from app.admission.marks import Marks, place_of
from app.admission.settle import Settled
from app.extensions.broker import UNMARKED, claim_queue, connect, declare_topology
from app.extensions.services import Services
from app.extensions.zookeeper import connect_zookeeper
from app.lectures.models import KIND
from app.offerings import build_engine
from consumers.claims import ClaimsConsumer
from consumers.effects import EffectsDesk
from tests.functional.admission.conftest import MakeId

Delivered = tuple[Any, Any, bytes]  # method, properties, body


@pytest.fixture
def delivered(services: Services) -> Callable[[Claim], Delivered]:
    """`delivered(claim)`: the message in the queues that is named by this claim."""
    settings = services.settings
    declare_topology(settings.amqp_url, settings.claim_queues)

    def taken(claim: Claim) -> Delivered:
        found: dict[str, Delivered] = {}
        with connect(settings.amqp_url) as connection, gevent.Timeout(10):
            channel = connection.channel()
            for number in range(settings.claim_queues):
                channel.basic_consume(
                    claim_queue(number),
                    lambda _, *message: found.update({message[1].message_id: message}),
                    auto_ack=True,
                )
            while claim.id not in found:
                connection.process_data_events(time_limit=0.1)
        return found[claim.id]

    return taken


def wish(user: int, lecture: int) -> Claim:
    return Claim(claim_id(user, "book", KIND, lecture, "key-00000001"), KIND, "book", user, lecture)


@pytest.fixture
def marking(engine: Engine, services: Services, near: Marks) -> Engine:
    """A program with a ZooKeeper."""
    return build_engine(replace(services, zookeeper=near._client))


@pytest.fixture
def desk(marking: Engine, services: Services) -> Iterator[EffectsDesk]:
    made = EffectsDesk(services, marking)
    running = gevent.spawn(made.run)
    yield made
    running.kill()


@pytest.mark.parametrize("connected", [True, False])
def test_the_message_says_so(
    services: Services,
    near: Marks,
    make: MakeId,
    delivered: Callable[[Claim], Delivered],
    connected: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(marks, "CREATE_WITHIN_S", 5.0)
    zookeeper = near._client if connected else connect_zookeeper(services.settings.zookeeper_hosts)  # never started
    claim = wish(1, make())
    build_engine(replace(services, zookeeper=zookeeper)).gate.submit(claim)
    _, properties, _ = delivered(claim)
    assert (properties.headers or {}).get(UNMARKED, False) is not connected


def test_only_marks_that_were_made_are_taken_away(desk: EffectsDesk, near: Marks, make: MakeId) -> None:
    """The one that settle was told of as unmarked has one here, so that it can be seen: nobody looked for it."""
    lecture = make()
    marked, unmarked = wish(1, lecture), wish(2, lecture)
    assert near.create([marked, unmarked])
    desk.take([Settled(None, [], [marked, unmarked])], {unmarked.id})
    with gevent.Timeout(10):
        while place_of(marked) in near.claims_at([place_of(marked)]):
            gevent.sleep(0.02)
    assert near.claims_at([place_of(unmarked)]) == {place_of(unmarked): {unmarked.id}}


def test_settle_reads_it_from_the_message(
    services: Services, engine: Engine, make: MakeId, delivered: Callable[[Claim], Delivered]
) -> None:
    marked, unmarked = wish(1, lecture := make()), wish(2, lecture)
    consumer = ClaimsConsumer(services, engine, None, None)  # type: ignore[arg-type] # nothing is settled here
    for claim in (marked, unmarked):
        assert not engine.courier.publish([claim], unmarked=claim is unmarked)
        consumer._on_message(None, *delivered(claim))
    assert consumer._batch is not None
    assert consumer._batch.unmarked == {unmarked.id}
