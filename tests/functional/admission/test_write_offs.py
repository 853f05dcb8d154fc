"""A host is lost for good, an operator writes its spool off, and then it turns up: through the broker, to the consumer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import gevent
import orjson
import pytest
from gevent.event import Event
from kazoo.client import KazooClient

from app.admission import deadletters, settle, write_offs
from app.admission.claims import Claim, Standing
from app.admission.courier import Courier
from app.admission.engine import Engine
from app.admission.errors import SoldOutError
from app.admission.fair.setting_aside import set_aside
from app.admission.flushing import ASKED
from app.admission.origins import Origin, origin_from
from app.admission.rows import decided
from app.extensions.broker import claim_queue, connect, declare_topology
from app.extensions.services import Services
from consumers import claims as consumer
from consumers.burying import Graveyard
from tests.clock import TravelClock
from tests.functional.admission.test_flushing import Elsewhere, client, elsewhere, newcomer
from tests.functional.admission.test_settle import claim, decide
from tests.waiting import until

__all__ = ["client", "elsewhere"]

HOST = "elsewhere"


@pytest.fixture
def lost(elsewhere: Elsewhere, client: KazooClient) -> Elsewhere:
    """The host, gone, and with it the server of ZooKeeper that this one asked: it is remembered as it was."""
    client.stop()
    return elsewhere


@contextmanager
def consuming(services: Services, engine: Engine) -> Iterator[None]:
    """The consumer of claims, in this process, of a broker that holds none: what it held went with its node."""
    with connect(services.settings.amqp_url) as connection:
        for number in range(services.settings.claim_queues):
            connection.channel().queue_purge(claim_queue(number))
    stopping = Event()
    running = gevent.spawn(consumer.run, services, engine, stopping)
    yield
    stopping.set()
    running.get(timeout=20)


def write_off(services: Services) -> None:
    with services.db.transaction() as session:
        write_offs.write_off(session, services.ids.next_id(), HOST, services.clock.now())


def turns_up(there: Elsewhere, services: Services, claim_id: str) -> Standing:
    """Its spool goes to the broker as its own programs would send it; where the claim stands when it was decided."""
    engine = there.hall.engine
    there.spool.rotate()
    courier = Courier(services.publisher, services.breakers, there.spool, engine.copies, engine.faults)
    with consuming(services, engine):
        assert courier.replay_spool() > 0
        assert there.spool.empty()
        until(lambda: standing(services, claim_id), "a decision")
    return standing(services, claim_id)


def standing(services: Services, claim_id: str) -> Standing:
    with services.db.transaction() as session:
        return decided(session, [claim_id])[claim_id]


def test_a_rebuild_that_waits_goes_on(lost: Elsewhere, engine: Engine, services: Services) -> None:
    rebuilding = gevent.spawn(engine.watch.rebuild)
    until(lambda: engine.store.redis.exists(ASKED), "a question")
    rebuilding.join(timeout=1)
    assert engine.store.draining()
    write_off(services)
    rebuilding.get(timeout=20)
    assert not engine.store.draining()
    engine.watch.rebuild()  # nor does a later one wait


def test_a_host_that_was_seen_since_is_waited_for(
    elsewhere: Elsewhere, engine: Engine, services: Services, clock: TravelClock
) -> None:
    clock.advance(-60)
    write_off(services)
    assert HOST in engine.watch._flushes.missing(1)


@pytest.mark.parametrize(("guarded", "state"), [(True, "rejected"), (False, "confirmed")])
def test_a_spool_that_was_written_off_and_turns_up(
    lost: Elsewhere,
    engine: Engine,
    services: Services,
    monkeypatch: pytest.MonkeyPatch,
    guarded: bool,
    state: str,
) -> None:
    """Redis was built without it, and has refused the one whose claim it holds: confirmed is what it must not be."""
    if not guarded:
        monkeypatch.setattr(write_offs, "void", lambda *_: set())
    (held,) = kept(lost)
    write_off(services)
    engine.watch.rebuild()
    newcomer(lost)
    with pytest.raises(SoldOutError):
        lost.repeat()
    found = turns_up(lost, services, held.id)
    assert (found.state, found.reason) == (state, "written_off" if guarded else "")


def test_what_was_decided_before_stays(lost: Elsewhere, services: Services) -> None:
    """The sweep, or another host that kept a copy, was first."""
    (held,) = kept(lost)
    decide(lost.hall, held)
    other = claim(lost.lecture, 2, held.admitted_at)
    lost.spool.append([other])
    write_off(services)
    assert turns_up(lost, services, other.id).reason == "written_off"
    assert standing(services, held.id).state == "confirmed"


def test_what_it_takes_when_it_is_back_is_decided_as_any(
    lost: Elsewhere, services: Services, clock: TravelClock
) -> None:
    held = kept(lost)
    for one in lost.spool.replayable():
        one.removal.close()
    write_off(services)
    clock.advance(write_offs.WITHIN_MS / 1000 + 1)
    lost.spool.append(held)
    assert turns_up(lost, services, held[0].id).state == "confirmed"


def test_a_copy_elsewhere_is_enough(services: Services) -> None:
    write_off(services)
    now = services.clock.epoch_ms()
    here, there = Origin("here", now), Origin(HOST, now)
    spooled = {"one": [there], "both": [there, here], "other": [here]}
    with services.db.transaction() as session:
        assert write_offs.void(session, spooled) == {"one"}


def test_a_lot_that_is_stored_is_a_promise_of_its_own(lost: Elsewhere, services: Services) -> None:
    """The broker was slow to confirm, so that the claim came both ways; the host is written off before the draw."""
    (held,) = kept(lost)
    write_off(services)
    spooled = {held.id: [Origin(HOST, services.clock.epoch_ms())]}
    with services.db.transaction() as session:
        assert settle._void(session, spooled) == {held.id}
        set_aside(session, services.ids, [(services.ids.next_id(), held)])
        assert settle._void(session, spooled) == set()


def test_a_dead_letter_keeps_its_spool(lost: Elsewhere, services: Services) -> None:
    """Else whoever drives it again would have it decided as any."""
    (held,) = kept(lost)
    origin = Origin(HOST, services.clock.epoch_ms())
    graves = Graveyard(services.publisher)
    declare_topology(services.settings.amqp_url, services.settings.claim_queues)
    graves.add(1, orjson.dumps([held]), "poison", origin.written())
    assert graves.bury() == [1]
    (letter,) = (one for one in deadletters.letters(services.settings.amqp_url, limit=500) if held in one.claims)
    assert [origin_from(message.spool) for message in deadletters._messages(letter)] == [origin]
    assert deadletters.redrive(services.settings.amqp_url, services.publisher, only=letter.id).driven == 1


def test_a_second_loss_is_counted_from_then(services: Services, clock: TravelClock) -> None:
    write_off(services)
    clock.advance(3600)
    write_off(services)
    with services.db.transaction() as session:
        assert write_offs.written_off(session) == {HOST: pytest.approx(clock.epoch_ms(), abs=5000)}


def kept(there: Elsewhere) -> list[Claim]:
    """What its spool holds."""
    there.spool.rotate()
    return [claim for one in there.spool.replayable() for claim in one.claims]
