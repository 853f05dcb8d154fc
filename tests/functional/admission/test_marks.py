"""Marks on a real ZooKeeper, near and far."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic

import gevent
import pytest

from app.admission import marks
from app.admission.marks import Marks, Place, path_of
from app.extensions.breakers import Breakers
from app.extensions.services import Services
from app.extensions.zookeeper import connect_zookeeper
from tests.slow_link import SlowLink

OLD, NEW = "00000000-0000-5000-8000-000000000001", "00000000-0000-5000-8000-000000000002"


@pytest.fixture
def link(services: Services) -> Iterator[SlowLink]:
    """The way to ZooKeeper of one worker."""
    host, _, port = services.settings.zookeeper_hosts.split(",")[0].partition(":")
    with SlowLink(host, int(port)).open() as made:
        yield made


def connected(hosts: str) -> Iterator[Marks]:
    client = connect_zookeeper(hosts)
    client.start(timeout=10)
    yield Marks(client, Breakers())
    client.stop()
    client.close()


@pytest.fixture
def near(services: Services) -> Iterator[Marks]:
    yield from connected(services.settings.zookeeper_hosts)


@pytest.fixture
def far(link: SlowLink) -> Iterator[Marks]:
    yield from connected(link.address)


@pytest.fixture
def place(services: Services) -> Place:
    return ("lecture", services.ids.next_id(), 1)


def claim_at(worker: Marks, place: Place) -> str | None:
    client = worker._client
    return client.get(path_of(place))[0].decode() if client.exists(path_of(place)) else None


def test_a_mark_holds_the_newest_claim(near: Marks, place: Place) -> None:
    assert near.create([(place, OLD)])
    assert near.create([(place, NEW)])
    gevent.sleep(0.2)
    assert claim_at(near, place) == NEW


def test_all_steps_share_one_bound(near: Marks, far: Marks, link: SlowLink, place: Place) -> None:
    """The parent is looked for, the multi fails over a node that is there, then each by itself: three round trips."""
    near.create([(place, OLD)])
    link.delay = marks.CREATE_WITHIN_S * 0.8
    began = monotonic()
    far.create([(place, NEW), ((*place[:2], 2), NEW)])
    assert monotonic() - began < marks.CREATE_WITHIN_S + 0.1


def test_a_mark_that_comes_late_goes_again(far: Marks, near: Marks, link: SlowLink, place: Place) -> None:
    assert far.create([((*place[:2], 7), OLD)])  # its parent is known now
    link.delay = marks.CREATE_WITHIN_S * 1.5
    assert not far.create([(place, NEW)])
    gevent.sleep(link.delay)
    link.delay = 0.0
    gevent.sleep(0.5)
    assert claim_at(near, place) is None
