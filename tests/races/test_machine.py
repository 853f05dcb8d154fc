"""A random walk over the real engine: every order of clicks, deliveries, lost effects and losses of Redis that
hypothesis can think of, against the checker. The servers are real; the consumer is stepped by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import SimpleNamespace

import gevent
import pika
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from app.admission import courier, maintenance, rebuild, store
from app.admission.deciding import Bench
from app.extensions.breakers import Breakers
from app.extensions.broker import declare_topology, parameters
from app.extensions.services import Services
from app.lectures.models import KIND
from app.offerings import build_engine
from ops.drills.checker import Checker
from tests.lua_guards import library_without
from tests.races.walks import SECTION, Opening, Selection, Walk, open_term
from tests.races.world import World


@pytest.fixture
def world(services: Services, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The servers without programs, emptied; passes that wait for an age do not."""
    settings = services.settings
    own = replace(Services.for_process(settings), breakers=Breakers(reset_timeout=0.01))
    own.start()
    with gevent.Timeout(40):
        while not own.zookeeper.connected:
            gevent.sleep(0.02)
    declare_topology(settings.amqp_url, settings.claim_queues)
    monkeypatch.setattr(maintenance, "RELAY_AGE_MS", -60_000)
    monkeypatch.setattr(maintenance, "SWEEP_AGE_MS", 0)
    monkeypatch.setattr(maintenance, "MARK_AGE_MS", 0)
    monkeypatch.setattr(courier, "SILENCE_S", courier.SILENCE_S)  # World.wait_for_confirms
    monkeypatch.setattr(rebuild, "WORKERS_SWITCH_WITHIN_S", 0.0)
    with pika.BlockingConnection(parameters(settings.amqp_url)) as connection:
        made = World(own, build_engine(own), connection, iter(range(1_000_000, 2_000_000)))
        made.consume()
        clock = SimpleNamespace(monotonic=rebuild.time.monotonic, sleep=lambda _: made.meanwhile())
        monkeypatch.setattr(rebuild, "time", clock)
        made.engine.watch.tick()
        yield made
    own.close()


def walk(
    world: World,
    *,
    examples: int,
    phases: Sequence[Phase] = tuple(Phase),
    machine: type[Walk] = Opening,
    kind: str = KIND,
) -> None:
    """So many random walks; raises the checker's AssertionError."""
    machine.world, machine.checker = world, Checker(world.services, world.engine, kind)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=35,
            deadline=None,
            derandomize=True,
            database=None,
            phases=phases,
            report_multiple_bugs=False,  # one is enough: without a guard it would look for others
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_engine_keeps_its_promises_in_every_order(world: World) -> None:
    walk(world, examples=40)


def test_a_walk_without_a_guard_ends_badly(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The naive release: a seat is given back whether or not the claim held one."""
    spoiled = library_without("compare_hold")
    monkeypatch.setattr(store, "library", lambda: spoiled)
    world.engine.store.install()
    assert any("seats left is" in one for one in found_by(world, Opening, KIND))


def test_sections_keep_them_too(world: World) -> None:
    """Clashes, credits, courses, lines and swaps; Redis's accounts are MariaDB's at every rest."""
    open_term(world)
    walk(world, examples=30, machine=Selection, kind=SECTION)
    ways = {
        ("book", "confirmed"),
        ("book", "waitlisted"),
        ("book", "cancelled"),
        ("swap", "confirmed"),
        ("swap", "cancelled"),
    }
    assert ways <= Selection.ends.keys(), Selection.ends
    assert world.spooled > 0


def found_by(world: World, machine: type[Walk], kind: str) -> list[str]:
    """What walks find with something turned off."""
    machine.found.clear()
    with pytest.raises(Exception):  # noqa: B017, PT011 - hypothesis has names of its own for a walk that ends otherwise again
        walk(world, examples=100, phases=[Phase.generate], machine=machine, kind=kind)
    return machine.found


def test_a_walk_whose_accounts_do_not_add_up_ends_badly(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison of accounts sees it. (`follow_holder`, which matters in rare orders only, has tests of its own.)"""
    spoiled = library_without("write_sum")
    monkeypatch.setattr(store, "library", lambda: spoiled)
    world.engine.store.install()
    open_term(world)
    assert any("AccountDifference" in one for one in found_by(world, Selection, SECTION))


def test_a_walk_whose_swaps_only_take_ends_badly(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Bench, "_end", lambda *_: None)
    open_term(world)
    # Seen by the walk's own check, or by MariaDB's unique key, which then makes the claim a hopeless one.
    assert [*found_by(world, Selection, SECTION), *world.hopeless]
