"""The publisher: one connection per process, whatever the broker does."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import gevent
import pytest
from pika.exceptions import AMQPError

from app.extensions import broker
from app.extensions.broker import AUDIT, DEAD, Message, claim_queue, connect, declare_audit, declare_topology
from app.extensions.publisher import Publisher
from app.extensions.services import Services
from app.settings import Settings
from ops.stack import Stack


@pytest.fixture
def publisher(settings: Settings, services: Services) -> Iterator[Publisher]:
    """One that has not published yet."""
    declare_topology(settings.amqp_url, settings.claim_queues)
    made = Publisher(settings.amqp_url)
    yield made
    if made._link is not None and made._link.usable:
        made._link._connection.close()


@pytest.fixture
def frozen() -> Iterator[str]:
    """The address of one that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"amqp://a:b@127.0.0.1:{listener.getsockname()[1]}/v"


def letter() -> Message:
    return Message(DEAD, "", str(uuid.uuid4()), b"[]")


def connections(port: int) -> int:
    """Sockets of this process that are connected to a port of this machine."""
    ours = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            ours.add(str(descriptor.readlink()))
        except FileNotFoundError:
            continue
    lines = [line.split() for line in Path("/proc/self/net/tcp").read_text().splitlines()[1:]]
    wanted = f":{port:04X}"
    return sum(1 for line in lines if line[2].endswith(wanted) and line[3] == "01" and f"socket:[{line[9]}]" in ours)


def test_a_broker_that_is_slow_to_answer_gets_one_connection(stack: Stack, publisher: Publisher) -> None:
    """Several publishes give up waiting while the first connection is being made."""
    port, broker = stack.config.ports.amqp, stack.service("rabbitmq")
    before = connections(port)
    broker.pause()
    try:
        tries = [gevent.spawn(publisher.publish, [letter()], 0.2) for _ in range(3)]
        gevent.joinall(tries, raise_error=True)
        assert publisher.publish([letter()], 0.2)
    finally:
        broker.resume()
    with gevent.Timeout(40):
        while publisher.publish([letter()], 0.5):
            gevent.sleep(0.05)
    gevent.sleep(1)  # whatever else was begun would be connected by now
    assert connections(port) - before == 1


def test_a_lost_connection_is_made_anew(stack: Stack, publisher: Publisher) -> None:
    port = stack.config.ports.amqp
    before = connections(port)
    assert publisher.publish([letter()], 5) == set()
    assert publisher._link is not None
    publisher._link._connection._transport._sock.shutdown(socket.SHUT_RDWR)
    lost = letter()
    assert publisher.publish([lost], 0.0) <= {lost.message_id}
    publish = partial(publisher.publish, [letter()], 1)
    with gevent.Timeout(40):
        while publish():
            gevent.sleep(0.05)
    assert connections(port) - before == 1


def test_unroutable_messages_are_unknown(publisher: Publisher) -> None:
    nowhere = Message("", "no-such-queue", str(uuid.uuid4()), b"[]")
    fine = letter()
    assert publisher.publish([nowhere, fine], 5) == {nowhere.message_id}


def test_a_channel_the_broker_closes_ends_the_connection_too(stack: Stack, publisher: Publisher) -> None:
    port = stack.config.ports.amqp
    before = connections(port)
    nowhere = Message("no-such-exchange", "", str(uuid.uuid4()), b"[]")
    assert publisher.publish([nowhere], 5) == {nowhere.message_id}
    with gevent.Timeout(40):
        while publisher.publish([letter()], 1):
            gevent.sleep(0.05)
    assert connections(port) - before == 1


@pytest.mark.parametrize("also", ["", ",amqp://a:b@127.0.0.1:1/v", ",amqp://a:b@nowhere.invalid:5672/v"])
def test_whatever_keeps_it_away_is_told_in_one_word(frozen: str, also: str) -> None:
    """pika has others for a frozen one and for a name that nobody knows; the claims program ended of them."""
    with pytest.raises(AMQPError):
        declare_topology(f"{frozen}{also}", 1)


OFTEN = 25  # from version 4 on RabbitMQ buries a message after 20 by itself, when nobody says otherwise


def given_back(channel: Any, queue: str, patience_s: float = 20.0) -> int:
    """How often a message of this queue can be taken and given back, up to OFTEN."""
    channel.queue_purge(queue)
    channel.confirm_delivery()
    channel.basic_publish("", queue, b"[]", mandatory=True)
    channel.basic_qos(prefetch_count=1)
    times = 0
    for method, _, _ in channel.consume(queue, inactivity_timeout=patience_s):
        if method is None or times == OFTEN:
            break
        channel.basic_nack(method.delivery_tag, requeue=True)
        times += 1
    channel.cancel()
    channel.queue_purge(queue)
    return times


@pytest.mark.parametrize("queue", [claim_queue(0), DEAD, AUDIT])
def test_a_message_that_consumers_die_of_is_not_thrown_away(settings: Settings, queue: str) -> None:
    """With it would go all that they had taken and not begun."""
    declare_topology(settings.amqp_url, settings.claim_queues)
    declare_audit(settings.amqp_url)
    with connect(settings.amqp_url) as connection:
        assert given_back(connection.channel(), queue) == OFTEN


def test_with_a_limit_it_would_be(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    bounded = broker._bounded
    monkeypatch.setattr(broker, "_bounded", lambda length: {**bounded(length), "x-delivery-limit": 3})
    monkeypatch.setattr(broker, "AUDIT", limited := f"limited.{uuid.uuid4()}")
    declare_audit(settings.amqp_url)
    with connect(settings.amqp_url) as connection:
        channel = connection.channel()
        assert given_back(channel, limited, patience_s=1.0) < OFTEN
        channel.queue_delete(limited)
