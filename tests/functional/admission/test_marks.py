"""Marks on a real ZooKeeper, near and far."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic

import pytest

from app.admission import marks
from app.admission.claims import Claim
from app.admission.marks import Marks, Place, count_marks, place_of
from app.extensions.services import Services
from ops.drills.slow_link import SlowLink
from tests.functional.admission.conftest import connected
from tests.waiting import until

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
    return ("lecture", str(services.ids.next_id()), 1)


def marked(claim_id: str, place: Place, *, user: int = 0, cart: str = "") -> Claim:
    """A claim that is marked at that place, or beside it as another user's."""
    return Claim(claim_id, place[0], "book", user or place[2], int(place[1]), cart=cart)


def test_a_mark_holds_the_newest_claim_and_those_before_it(near: Marks, place: Place) -> None:
    assert near.create([marked(OLD, place)])
    assert near.create([marked(NEW, place)])
    until(lambda: near.claims_at([place]) == {place: {NEW, OLD}}, "both", 10)


def test_a_mark_forgets_the_oldest(near: Marks, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "MOST_IDS", 1)
    assert near.create([marked(OLD, place)])
    assert near.create([marked(NEW, place)])
    until(lambda: near.claims_at([place]) == {place: {NEW}}, "the newest alone", 10)


def test_only_marks_are_counted(near: Marks, place: Place) -> None:
    """Not the nodes that they stand on, which stay; nor leases and workers' numbers, ephemeral as they are."""
    before = count_marks(near._client)
    assert near.create([marked(OLD, place), marked(NEW, place, user=4711)])
    assert count_marks(near._client) == before + 2
    near.delete([place, (place[0], place[1], 4711)])
    assert count_marks(near._client) == before


def test_a_cart_has_one_mark(near: Marks, place: Place) -> None:
    """Its claims come and go together; a mark for each was more than ZooKeeper could bear in an opening."""
    cart = [marked(one, place, user=4711, cart="c") for one in (OLD, NEW)]
    assert near.create(cart)
    assert place_of(cart[0]) == place_of(cart[1])
    assert near.claims_at([place_of(cart[0])]) == {place_of(cart[0]): {OLD, NEW}}
    near.delete([place_of(cart[0])])
    assert near.claims_at([place_of(cart[0])]) == {}


def test_all_steps_share_one_bound(
    near: Marks, far: Marks, link: SlowLink, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The parent is looked for, the multi fails over a node that is there, then each by itself: three round trips."""
    near.create([marked(OLD, place)])
    monkeypatch.setattr(marks, "CREATE_WITHIN_S", 2.0)
    link.delay = 1.8
    began = monotonic()
    far.create([marked(NEW, place), marked(NEW, place, user=2)])
    assert monotonic() - began < 2 * link.delay + 1  # less than a third round trip


def test_a_mark_that_comes_late_goes_again(
    far: Marks, near: Marks, link: SlowLink, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert far.create([marked(OLD, place, user=7)])  # its parent is known now
    monkeypatch.setattr(marks, "CREATE_WITHIN_S", 0.25)
    link.delay = marks.CREATE_WITHIN_S * 4
    away: list[Place] = []
    monkeypatch.setattr(far, "delete", lambda places: Marks.delete(far, places) or away.extend(places))
    assert not far.create([marked(NEW, place)])
    link.delay = 0.0
    until(lambda: away == [place], "its going, as soon as it has come", 10)
    assert near.claims_at([place]) == {}


def test_looking_takes_no_longer_than_that_either(
    far: Marks, near: Marks, link: SlowLink, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    near.create([marked(OLD, place)])
    monkeypatch.setattr(marks, "READ_WITHIN_S", 0.25)
    link.delay = 6.0
    began = monotonic()
    assert far.claims_at([place]) == {}
    assert monotonic() - began < link.delay - 1


def test_a_slow_zookeeper_does_not_end_the_look_at_old_marks(
    far: Marks, near: Marks, link: SlowLink, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """gevent's time-out is a BaseException: uncaught it ended the pass that clears marks, for good."""
    near.create([marked(OLD, place)])
    later = 10**15
    assert (place, {OLD}) in far.older_than(0, later)
    monkeypatch.setattr(marks, "LOOK_WITHIN_S", 0.05)
    link.delay = 0.3
    assert far.older_than(0, later) == []
