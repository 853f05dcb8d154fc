"""A publisher that knows several brokers: relays stand for the nodes, so that one can be taken away or fall silent."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from math import inf
from time import monotonic

import gevent
import pika
import pytest

from app.extensions import broker_link
from app.extensions.broker import DEAD, Message, declare_topology, parameters
from app.extensions.publisher import Publisher
from app.extensions.services import Services
from app.settings import Settings
from ops.drills.slow_link import SlowLink

NOWHERE = "127.0.0.1:1"


def letter(queue: str = DEAD) -> Message:
    exchange, key = (DEAD, "") if queue == DEAD else ("", queue)
    return Message(exchange, key, str(uuid.uuid4()), b"[]")


@dataclass
class Nodes:
    """Two ways to the broker."""

    first: SlowLink
    second: SlowLink
    url: Callable[[str], str]

    @property
    def urls(self) -> str:
        return f"{self.url(self.first.address)},{self.url(self.second.address)}"


@pytest.fixture
def nodes(settings: Settings, services: Services) -> Iterator[Nodes]:
    declare_topology(settings.amqp_url, settings.claim_queues)
    login, _, rest = settings.amqp_url.rpartition("@")
    address, _, vhost = rest.partition("/")
    host, _, port = address.partition(":")
    with ExitStack() as stack:
        ways = [stack.enter_context(SlowLink(host, int(port)).open()) for _ in range(2)]
        yield Nodes(ways[0], ways[1], lambda where: f"{login}@{where}/{vhost}")


@pytest.fixture
def publishers() -> Iterator[Callable[[str], Publisher]]:
    made: list[Publisher] = []

    def publisher(urls: str) -> Publisher:
        made.append(Publisher(urls))
        return made[-1]

    yield publisher
    for one in made:
        if one._link is not None and one._link.usable:
            one._link._connection.close()


def peer(publisher: Publisher) -> str:
    assert publisher._link is not None
    host, port = publisher._link._connection._transport._sock.getpeername()
    return f"{host}:{port}"


def test_the_preferred_one_is_used_and_one_that_is_away_costs_no_publish(
    nodes: Nodes, publishers: Callable[[str], Publisher]
) -> None:
    both = publishers(nodes.urls)
    assert both.publish([letter()], 5) == set()
    assert peer(both) == nodes.first.address
    one_away = publishers(f"{nodes.url(NOWHERE)},{nodes.url(nodes.second.address)}")
    assert one_away.publish([letter()], 5) == set()
    assert peer(one_away) == nodes.second.address


def test_when_a_node_dies_the_next_publish_goes_to_the_other(
    nodes: Nodes, publishers: Callable[[str], Publisher]
) -> None:
    publisher = publishers(nodes.urls)
    assert publisher.publish([letter()], 5) == set()
    link = publisher._link
    assert link is not None
    nodes.first.close()
    link._connection._transport._sock.shutdown(socket.SHUT_RDWR)
    with gevent.Timeout(10):
        while not link.over:
            gevent.sleep(0.01)
    assert publisher.publish([letter()], 5) == set()
    assert peer(publisher) == nodes.second.address


def test_a_node_that_says_nothing_is_left(nodes: Nodes, publishers: Callable[[str], Publisher]) -> None:
    publisher = publishers(nodes.urls)
    assert publisher.publish([letter()], 5) == set()
    nodes.first.delay = 3600.0
    lost = letter()
    assert publisher.publish([lost], broker_link.SILENT_S + 0.3) == {lost.message_id}
    began = monotonic()
    assert publisher.publish([letter()], 5) == set()
    assert monotonic() - began < 4
    assert peer(publisher) == nodes.second.address


@pytest.mark.parametrize("silence", [0.2, inf])
def test_nobody_waits_long_for_a_node_that_says_nothing(
    nodes: Nodes, publishers: Callable[[str], Publisher], silence: float
) -> None:
    publisher = publishers(nodes.urls)
    assert publisher.publish([letter()], 5) == set()
    nodes.first.delay = 3600.0
    lost, began = letter(), monotonic()
    assert publisher.publish([lost], 3.0, silence=silence) == {lost.message_id}
    assert (monotonic() - began < 2.8) == (silence < 1)


def test_where_there_is_one_node_a_silent_one_is_waited_for(
    nodes: Nodes, publishers: Callable[[str], Publisher]
) -> None:
    publisher = publishers(nodes.url(nodes.first.address))
    assert publisher.publish([letter()], 5) == set()
    nodes.first.delay = 3600.0
    publisher.publish([letter()], broker_link.SILENT_S + 0.3)
    assert publisher._link is not None
    assert not publisher._link.over


def test_after_a_nack_another_channel_is_used(
    nodes: Nodes, settings: Settings, publishers: Callable[[str], Publisher]
) -> None:
    """A queue with no room nacks as a channel does that looks for a leader which is gone."""
    queue = f"full.{uuid.uuid4()}"
    with pika.BlockingConnection(parameters(settings.amqp_url)) as connection:
        channel = connection.channel()
        arguments = {"x-max-length": 1, "x-overflow": "reject-publish"}
        channel.queue_declare(queue, exclusive=False, auto_delete=True, arguments=arguments)
        publisher = publishers(nodes.urls)
        assert publisher.publish([letter(queue)], 5) == set()
        before = publisher._link
        refused, fine = letter(queue), letter()
        assert publisher.publish([refused, fine], 5) == {refused.message_id}
        assert publisher.publish([letter()], 5) == set()
        assert publisher._link is not before
        assert peer(publisher) == nodes.first.address  # the node is well
        channel.queue_delete(queue)


def test_a_consumer_goes_on_to_the_next(nodes: Nodes) -> None:
    urls = f"{nodes.url(NOWHERE)},{nodes.url(nodes.second.address)}"
    with pika.BlockingConnection(parameters(urls)) as connection:
        assert connection.channel().queue_declare(DEAD, passive=True).method.queue == DEAD
