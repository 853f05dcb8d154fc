"""Workers that come and go, and an Nginx that follows: nobody's request is lost on the way."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import monotonic

import gevent
import pytest
from gevent.event import Event
from kazoo.client import KazooClient

from app.extensions.registry import FOLLOWERS, HOSTS, REGISTRY, Registration, Registry, host_name
from app.extensions.services import Services
from consumers import upstreams
from consumers.upstreams import Follower
from ops.drills.slow_link import SlowLink
from ops.stack import Stack, StackConfig
from tests.faults.test_zookeeper import end_session
from tests.functional.registry.conftest import Door, Visitors, Worker
from tests.waiting import until

Connect = Callable[..., KazooClient]
Following = Callable[[Follower, KazooClient], None]


def register(client: KazooClient, worker: Worker, number: int) -> Registration:
    made = Registration(client, "web", worker.address)
    made._presence._path = f"{REGISTRY}/web/host-{number}"  # several in one process
    made.begin()
    return made


def test_nginx_follows_who_comes_and_goes_within_a_second_and_drops_nothing(
    door: Door, workers: list[Worker], connect: Connect, following: Following, visitors: Visitors
) -> None:
    client = connect()
    following(door.follower(client), client)
    registered, took = [], []
    for number, worker in enumerate(workers):
        began = monotonic()
        registered.append(register(client, worker, number))
        until(lambda name=worker.name: visitors.heard[name], f"request for {worker.name}")  # type: ignore[misc]
        took.append(monotonic() - began)
        print(f"{worker.name} has its first request after {took[-1]:.2f} s")  # docs/registry.md
    # The first one is in the static file already. A second when the machine has nothing else to do, which it may have once.
    assert min(took[1:]) < 3
    registered[0].end()
    until(lambda: workers[0].address not in (door.folder / "web.conf").read_text(), "file without the first")
    assert set(visitors.heard) == {"first", "second", "third"}


def test_a_worker_is_drained_before_it_stops(
    door: Door, workers: list[Worker], connect: Connect, visitors: Visitors, services: Services
) -> None:
    """The whole program, acknowledgement included: when `drain` says so the worker can be stopped."""
    client = connect()
    own = _with(services, client, door)
    stopping = Event()
    program = gevent.spawn(upstreams.run, own, None, stopping)  # type: ignore[arg-type]
    for number, worker in enumerate(workers[:2]):
        register(client, worker, number)
    registry = Registry(client)
    until(lambda: set(registry.served()[host_name()]) == {one.address for one in workers[:2]}, "both served")
    assert registry.drain(workers[0].address)
    workers[0].server.stop(timeout=5)  # what it still has it finishes
    seen = visitors.heard["second"]
    until(lambda: visitors.heard["second"] > seen + 50, "fifty more requests")
    assert set(visitors.heard) == {"first", "second"}
    before = visitors.heard["first"]
    workers[0].server.start()
    register(client, workers[0], 7)  # who starts anew wants requests
    until(lambda: visitors.heard["first"] > before, "requests for the first again")
    stopping.set()
    program.join(timeout=10)
    assert not client.get_children(FOLLOWERS)


def test_a_host_that_says_nothing_may_still_send_requests(workers: list[Worker], connect: Connect) -> None:
    """Its program `upstreams` has fallen, its Nginx has not."""
    client = connect()
    client.create(f"{HOSTS}/silent", ephemeral=True, makepath=True)
    client.create(f"{FOLLOWERS}/silent", f'["{workers[1].address}"]'.encode(), ephemeral=True, makepath=True)
    registry = Registry(client)
    assert registry.drain(workers[0].address, within_s=0.0)
    client.delete(f"{FOLLOWERS}/silent")
    assert not registry.drain(workers[0].address, within_s=0.0)


def test_not_drained_the_last_one_that_stops_is_noticed(
    door: Door, workers: list[Worker], connect: Connect, following: Following, visitors: Visitors
) -> None:
    """What draining is for, with it off: here nobody else could answer."""
    client = connect()
    following(door.follower(client), client)
    register(client, workers[1], 1)
    until(lambda: visitors.heard["second"], "a request for the second")
    workers[1].server.stop(timeout=0)
    until(lambda: any("502" in one for one in visitors.heard), "a failed request")


def test_a_worker_whose_session_expired_registers_again(
    door: Door, workers: list[Worker], connect: Connect, services: Services
) -> None:
    worker, observer = connect(), connect()
    register(worker, workers[1], 1)
    registry = Registry(observer)
    until(lambda: registry.addresses("web") == {workers[1].address}, "a registration")
    owner = observer.exists(f"{REGISTRY}/web/host-1").ephemeralOwner
    end_session(services.settings.zookeeper_hosts, owner)
    until(lambda: observer.exists(f"{REGISTRY}/web/host-1").ephemeralOwner != owner, "a node of another session")
    assert registry.addresses("web") == {workers[1].address}


def test_a_worker_that_dies_leaves_with_its_session(
    workers: list[Worker], connect: Connect, services: Services
) -> None:
    worker, observer, changed = connect(), connect(), Event()
    register(worker, workers[1], 1)
    registry = Registry(observer)
    until(lambda: registry.addresses("web", lambda _event: changed.set()), "a registration")
    end_session(services.settings.zookeeper_hosts, worker.client_id[0])
    worker.stop()
    until(lambda: not registry.addresses("web"), "its node gone")
    assert changed.is_set()


def test_without_zookeeper_the_static_file_rules_and_nobody_joins(
    door: Door, workers: list[Worker], connect: Connect, link: SlowLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, other = connect(link.address), connect()
    follower = door.follower(client)
    register(other, workers[1], 1)
    until(lambda: follower.follow(connected=True) == [workers[1].address], "the registered one")
    register(other, workers[2], 2)
    # away for a moment: everything stays as it is
    assert follower.follow(connected=False) == [workers[1].address]
    # away for long
    monkeypatch.setattr(upstreams, "STATIC_AFTER_S", 0.0)
    monkeypatch.setattr(upstreams, "REJOIN_S", 60.0)
    assert follower.follow(connected=False) == [workers[0].address]
    assert door.ask() == "first"
    # back: not at once, since workers come back one after another
    assert follower.follow(connected=True) == [workers[0].address]
    follower._rejoined_at = float("-inf")
    assert follower.follow(connected=True) == sorted(one.address for one in workers[1:])


def test_most_do_not_go_at_once(door: Door, workers: list[Worker], connect: Connect) -> None:
    """Sessions end in a rush when nobody has time for them; the one that is left would get everybody's requests."""
    client = connect()
    follower, everybody = door.follower(client), sorted(one.address for one in workers)
    registered = [register(client, worker, number) for number, worker in enumerate(workers)]
    until(lambda: follower.follow(connected=True) == everybody, "all of them")
    registered[0].end()
    registered[1].end()
    assert follower.follow(connected=True) == everybody
    register(client, workers[0], 7)
    left = sorted(one.address for one in (workers[0], workers[2]))
    until(lambda: follower.follow(connected=True) == left, "all but the one that is really gone")


def test_an_empty_registry_never_leaves_nobody(door: Door, workers: list[Worker], connect: Connect) -> None:
    assert door.follower(connect()).follow(connected=True) == [workers[0].address]


@pytest.mark.parametrize(
    "content",
    [b'{"address": "h:1; } http { #"}', '{"address": "\u0127:1"}'.encode(), b"no JSON", b"[]", b'{"address": 7}'],
)
def test_what_is_no_address_gets_into_no_configuration(
    door: Door, workers: list[Worker], connect: Connect, content: bytes
) -> None:
    client = connect()
    client.create(f"{REGISTRY}/web/evil-1", content, makepath=True)
    register(client, workers[1], 1)
    follower = door.follower(client)
    until(lambda: follower.follow(connected=True) == [workers[1].address], "only the good one")


def test_a_static_file_that_is_just_being_written_empties_nothing(
    door: Door, workers: list[Worker], connect: Connect
) -> None:
    (door.folder / "web.static").write_text("")
    assert door.follower(connect()).follow(connected=True) == [workers[0].address]


def test_who_asks_again_and_again_keeps_no_watch_for_each_time(
    door: Door, workers: list[Worker], connect: Connect
) -> None:
    client = connect()
    register(client, workers[1], 1)
    follower = door.follower(client)
    until(lambda: follower.follow(connected=True) == [workers[1].address], "the registered one")
    for _ in range(5):
        follower.follow(connected=True)
    assert [len(watchers) for watchers in client._child_watchers.values() if watchers] == [1]


def test_an_nginx_that_could_not_be_told_is_told_later(door: Door, workers: list[Worker], connect: Connect) -> None:
    """It was just starting: the files were read, its number not yet written."""
    client = connect()
    follower, number = door.follower(client), (door.folder / "pid").read_text()
    (door.folder / "pid").unlink()
    register(client, workers[1], 1)
    until(lambda: follower.follow(connected=True) == [workers[1].address], "the registered one")
    assert door.ask() == "first"
    (door.folder / "pid").write_text(number)
    follower.follow(connected=True)
    assert door.ask() == "second"


def test_what_nginx_does_not_take_over_is_not_acknowledged(
    door: Door, workers: list[Worker], connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a worker that was "drained" would be stopped while it gets requests."""
    monkeypatch.setattr(upstreams, "RELOADED_WITHIN_S", 0.5)
    client = connect()
    follower, options = door.follower(client), door.folder / "nginx.conf"
    assert follower.follow(connected=True) == [workers[0].address]
    good = options.read_text()
    options.write_text(f"{good}nonsense;")
    register(client, workers[1], 1)
    until(lambda: workers[1].address in _followed(follower, door), "a file with the registered one")
    assert follower.follow(connected=True) == [workers[0].address]
    assert door.ask() == "first"
    options.write_text(good)
    until(lambda: follower.follow(connected=True) == [workers[1].address], "an Nginx that took it")
    assert door.ask() == "second"


def _followed(follower: Follower, door: Door) -> str:
    follower.follow(connected=True)
    return (door.folder / "web.conf").read_text()


def test_a_number_that_is_another_s_by_now_gets_no_signal(tmp_path: Path) -> None:
    """Left by an Nginx from before a reboot: a HUP would end most programs."""
    with subprocess.Popen(["sleep", "600"]) as other:
        (tmp_path / "pid").write_text(f"{other.pid}\n")
        assert upstreams.reload_nginx(tmp_path / "pid") is None
        with pytest.raises(subprocess.TimeoutExpired):
            other.wait(0.2)
        other.kill()


def test_one_host_with_the_registry_on(tmp_path: Path) -> None:
    """Nginx takes the rendered configuration; the workers' addresses are those of the static files."""
    stack = Stack(StackConfig.for_folder(tmp_path, name="registry", registry=True))
    nginx, web = stack.service("nginx").server, stack.service("web").server
    for folder in (stack.config.sockets, stack.config.run):
        folder.mkdir(parents=True, exist_ok=True)
    nginx.prepare()
    for file in nginx.files():
        file.write()
    nginx.check()
    address = web.process().environment["SEATRUSH_ADDRESS"]
    assert (stack.config.upstreams / "web.static").read_text().strip() == address
    assert os.fspath(stack.config.upstreams) == stack.environment()["SEATRUSH_UPSTREAMS_DIR"]


def _with(services: Services, client: KazooClient, door: Door) -> Services:
    settings = replace(services.settings, upstreams_dir=door.folder, nginx_pid=door.folder / "pid")
    return replace(services, settings=settings, zookeeper=client)
