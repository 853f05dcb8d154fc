"""A holder that is cut off from a server which another host reaches: the other one gets the lease."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from math import inf
from time import monotonic

import gevent
import pytest
from gevent.event import Event
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError
from sqlalchemy.exc import OperationalError

from app.admission import rebuild
from app.admission.engine import Engine
from app.extensions import leases as module
from app.extensions.breakers import DependencyDownError
from app.extensions.db import Database
from app.extensions.leases import LEASES, Leases
from app.extensions.redis import connect_redis
from app.extensions.services import Services
from app.offerings import build_engine
from consumers import handing_over, maintenance
from consumers.maintenance import SWEEPER, Job
from tests.functional.leases.test_leases import Host, hosts
from tests.functional.lectures.conftest import engine
from tests.waiting import until

__all__ = ["engine", "hosts"]

NOWHERE = "127.0.0.1:1"  # a port that nobody listens at


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is on its way, and no other worker has to switch."""
    monkeypatch.setattr(handing_over, "PATIENCE_S", 0.3)
    monkeypatch.setattr(rebuild, "DRAIN_WITHIN_S", 0.1)
    monkeypatch.setattr(rebuild, "WORKERS_SWITCH_WITHIN_S", 0.0)


def holds(host: Host) -> bool:
    with host.leases.holding(SWEEPER) as mine:
        return mine


def watch_of(services: Services) -> Job:
    """The pass that rebuilds Redis, of a maintenance process with these clients."""
    return next(one for one in maintenance.jobs(services, build_engine(services)) if one.name == "watch")


@contextmanager
def watching(hosts: list[Host], services: Services, others: Callable[[], bool]) -> Iterator[None]:
    """Redis is empty; the first host, which has the lease, cannot reach it, the second one can."""
    assert holds(hosts[0])
    services.redis.flushdb()
    cut = replace(services, redis=connect_redis(f"redis://{NOWHERE}/0"))
    stopping = Event()
    beats = [
        gevent.spawn(maintenance._beat, watch_of(each), host.leases, stopping, others)
        for host, each in zip(hosts, (cut, services), strict=False)
    ]
    try:
        yield
    finally:
        stopping.set()
        gevent.joinall(beats, timeout=60)


def test_who_cannot_reach_redis_leaves_its_rebuild_to_another(
    hosts: list[Host], engine: Engine, services: Services
) -> None:
    with watching(hosts, services, lambda: True):
        until(lambda: engine.store.stored_fence()[0] == 2 and not engine.store.unfinished(), "a rebuild")
        assert holds(hosts[1])


@pytest.mark.parametrize(("patience_s", "others"), [(inf, True), (0.3, False)])
def test_handing_over_off_or_alone_it_keeps_the_lease(
    hosts: list[Host],
    engine: Engine,
    services: Services,
    monkeypatch: pytest.MonkeyPatch,
    patience_s: float,
    others: bool,
) -> None:
    monkeypatch.setattr(handing_over, "PATIENCE_S", patience_s)
    with watching(hosts, services, lambda: others):
        gevent.sleep(1.5)
        assert engine.store.stored_fence() == (0, "")
        assert holds(hosts[0])


def test_who_stepped_aside_comes_again_if_nobody_else_wants_it(
    hosts: list[Host], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert holds(hosts[0])
    hosts[0].leases.step_aside(SWEEPER)
    assert not holds(hosts[0])
    monkeypatch.setattr(module, "monotonic", lambda: monotonic() + module.ASIDE_S + 1)
    until(lambda: holds(hosts[0]), "the lease again")


def test_who_cannot_reach_mariadb_lets_go_of_the_node(hosts: list[Host]) -> None:
    """It has got the node, and could not have a token."""
    leases = Leases(hosts[0].client, Database(f"mysql+pymysql://nobody@{NOWHERE}/nothing"))
    with pytest.raises(OperationalError), leases.holding(SWEEPER):
        pass
    assert hosts[0].client.exists(f"{LEASES}/{SWEEPER}")
    assert not holds(hosts[1])
    leases.step_aside(SWEEPER)
    assert holds(hosts[1])


def test_what_everybody_would_hear_is_no_cut() -> None:
    cuts = [RedisConnectionError(), DependencyDownError("redis"), OperationalError("", {}, Exception(2013, "lost"))]
    others = [ResponseError(), DependencyDownError("zookeeper"), OperationalError("", {}, Exception(1213, "deadlock"))]
    assert [handing_over.is_cut(one) for one in cuts + others] == [True] * 3 + [False] * 3
