"""RabbitMQ is away, silent, or out of memory: claims wait in the spool and are all decided when it is back."""

from __future__ import annotations

from tests.campus import Campus
from tests.campus.loads import Load


def test_the_broker_is_killed(campus: Campus) -> None:
    broker = campus.service("rabbitmq")
    with campus.load() as load:
        campus.until(load.told, "a first decision")
        broker.kill(stay_down=True)
        spooled(campus, load)
        broker.start()
        broker.wait_ready()
    assert campus.verify(*load) == []


def test_the_broker_is_paused(campus: Campus) -> None:
    broker = campus.service("rabbitmq")
    with campus.load() as load:
        campus.until(load.told, "a first decision")
        broker.pause()
        spooled(campus, load)
        broker.resume()
    assert campus.verify(*load) == []


def test_the_broker_raises_its_memory_alarm(campus: Campus) -> None:
    with campus.load(per_second=15) as load:  # rabbitmqctl takes seconds to start
        campus.until(load.told, "a first decision")
        campus.broker_memory_limit("1")
        spooled(campus, load)
        campus.broker_memory_limit("1GiB")
    assert campus.verify(*load) == []


def spooled(campus: Campus, load: Load) -> None:
    """Wait until claims go to the disk, and some more of both kinds were promised there."""
    campus.until(lambda: not campus.engine.spool.empty(), "a spooled claim")
    before = load.promised()
    campus.until(lambda: load.promised() >= before + 10, "promises of the spool")
