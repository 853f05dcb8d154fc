"""Marks on a real ZooKeeper, near and far."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic

import gevent
import pytest

from app.admission import marks
from app.admission.marks import Marks, Place
from app.extensions.services import Services
from tests.functional.admission.conftest import connected
from tests.slow_link import SlowLink

OLD, NEW = "00000000-0000-5000-8000-000000000001", "00000000-0000-5000-8000-000000000002"


@pytest.fixture
def link(services: Services) -> Iterator[SlowLink]:
    """The way to ZooKeeper of one worker."""
    host, _, port = services.settings.zookeeper_hosts.split(",")[0].partition(":")
    with SlowLink(host, int(port)).open() as made:
        yield made


@pytest.fixture
def far(link: SlowLink) -> Iterator[Marks]:
    yield from connected(link.address)


@pytest.fixture
def place(services: Services) -> Place:
    return ("lecture", services.ids.next_id(), 1)


def test_a_mark_holds_the_newest_claim(near: Marks, place: Place) -> None:
    assert near.create([(place, OLD)])
    assert near.create([(place, NEW)])
    gevent.sleep(0.2)
    assert near.claims_at([place]) == {place: NEW}


def test_all_steps_share_one_bound(near: Marks, far: Marks, link: SlowLink, place: Place) -> None:
    """The parent is looked for, the multi fails over a node that is there, then each by itself: three round trips."""
    near.create([(place, OLD)])
    link.delay = marks.CREATE_WITHIN_S * 0.8
    began = monotonic()
    far.create([(place, NEW), ((*place[:2], 2), NEW)])
    assert monotonic() - began < marks.CREATE_WITHIN_S + 0.2


def test_a_mark_that_comes_late_goes_again(far: Marks, near: Marks, link: SlowLink, place: Place) -> None:
    assert far.create([((*place[:2], 7), OLD)])  # its parent is known now
    link.delay = marks.CREATE_WITHIN_S * 1.5
    assert not far.create([(place, NEW)])
    gevent.sleep(link.delay)
    link.delay = 0.0
    gevent.sleep(0.5)
    assert near.claims_at([place]) == {}


def test_looking_takes_no_longer_than_that_either(far: Marks, near: Marks, link: SlowLink, place: Place) -> None:
    near.create([(place, OLD)])
    link.delay = marks.READ_WITHIN_S * 2
    began = monotonic()
    assert far.claims_at([place]) == {}
    assert monotonic() - began < marks.READ_WITHIN_S + 0.2
