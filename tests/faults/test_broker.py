"""RabbitMQ is away, silent, or out of memory or disk: claims wait in the spool and are all decided when it is back."""

from __future__ import annotations

import pytest

from ops.drills.catalogue import ALARMS
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


@pytest.mark.parametrize(("raised", "gone"), [one[-2:] for one in ALARMS], ids=[one[0] for one in ALARMS])
def test_the_broker_raises_an_alarm(campus: Campus, raised: tuple[str, ...], gone: tuple[str, ...]) -> None:
    with campus.load(per_second=15) as load:  # rabbitmqctl takes seconds to start
        campus.until(load.told, "a first decision")
        campus.rabbitmqctl(*raised)
        try:
            spooled(campus, load)
        finally:
            campus.rabbitmqctl(*gone)
    assert campus.verify(*load) == []


def spooled(campus: Campus, load: Load) -> None:
    """Wait until claims go to the disk, and some more of both kinds were promised there."""
    campus.until(lambda: not campus.engine.spool.empty(), "a spooled claim")
    before = load.promised()
    campus.until(lambda: load.promised() >= before + 10, "promises of the spool")
