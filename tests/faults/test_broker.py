"""RabbitMQ is away, silent, or out of memory: claims wait in the spool and are all decided when it is back."""

from __future__ import annotations

import gevent

from tests.campus import Campus
from tests.crowd import Crowd


def test_the_broker_is_killed(campus: Campus, kind: str) -> None:
    broker = campus.service("rabbitmq")
    with campus.load_of(kind) as crowd:
        campus.until(lambda: some_state(crowd), "a first decision")
        broker.kill(stay_down=True)
        campus.until(lambda: not campus.engine.spool.empty(), "a spooled claim")
        gevent.sleep(2)  # some more students come meanwhile
        broker.start()
        broker.wait_ready()
    assert campus.verify(crowd) == []


def test_the_broker_is_paused(campus: Campus, kind: str) -> None:
    broker = campus.service("rabbitmq")
    with campus.load_of(kind) as crowd:
        campus.until(lambda: some_state(crowd), "a first decision")
        broker.pause()
        campus.until(lambda: not campus.engine.spool.empty(), "a spooled claim")
        broker.resume()
    assert campus.verify(crowd) == []


def test_the_broker_raises_its_memory_alarm(campus: Campus, kind: str) -> None:
    # rabbitmqctl takes seconds to start: students must still be coming, and find seats, when the alarm is raised
    with campus.load_of(kind, per_second=15, seats=300) as crowd:
        campus.until(lambda: some_state(crowd), "a first decision")
        campus.broker_memory_limit("1")
        campus.until(lambda: not campus.engine.spool.empty(), "a spooled claim")
        campus.broker_memory_limit("1GiB")
    assert campus.verify(crowd) == []


def some_state(crowd: Crowd) -> bool:
    return any(wish.state for wish in crowd.wishes)
