"""One trial at a time: whoever comes while somebody tries whether a dependency is back is refused at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext, suppress
from contextvars import ContextVar
from datetime import datetime, timedelta, tzinfo
from functools import partial

import gevent
import pybreaker
import pytest
from gevent.event import Event
from sqlalchemy.exc import OperationalError

from app.extensions import breakers, coalesce
from app.extensions.breakers import Breakers, DependencyDownError
from app.extensions.coalesce import Coalescer, Ticket
from app.extensions.db_link import SilentError

MANY = 20


class Dependency:
    """Something behind a guard. Calls wait until it is thawed."""

    def __init__(self, guards: Breakers) -> None:
        self.guards = guards
        self.thawed = Event()
        self.calls = 0

    def call(self) -> None:
        with self.guards.guard("database"):
            self.calls += 1
            self.thawed.wait(timeout=5)


@pytest.fixture
def guards() -> Breakers:
    """With the database's breaker open, and due to be tried."""
    made = Breakers(fail_max=1, reset_timeout=0)
    fail(made)
    return made


@pytest.fixture
def dependency(guards: Breakers) -> Dependency:
    return Dependency(guards)


def fail(guards: Breakers) -> None:
    with suppress(OSError), guards.guard("database"):
        raise OSError


def many(call: Callable[[], object]) -> list[gevent.Greenlet[..., object]]:
    """That many at once, and time for all that do not wait to end."""
    started = [gevent.spawn(call) for _ in range(MANY)]
    gevent.joinall(started, timeout=0.1)
    return started


def refused(started: list[gevent.Greenlet[..., object]]) -> int:
    return sum(isinstance(one.exception, DependencyDownError) for one in started)


@pytest.mark.parametrize(("rule", "through"), [("on", 1), ("off", MANY)])
def test_one_of_many_tries_whether_it_is_back(
    dependency: Dependency, monkeypatch: pytest.MonkeyPatch, rule: str, through: int
) -> None:
    if rule == "off":
        monkeypatch.setattr(Breakers, "check", lambda *_: None)
    started = many(dependency.call)
    assert (dependency.calls, refused(started)) == (through, MANY - through)
    dependency.thawed.set()
    gevent.joinall(started, timeout=5)
    assert dependency.guards.closed("database")
    assert refused(many(dependency.call)) == 0


def test_after_a_trial_that_fails_the_next_one_tries(guards: Breakers, dependency: Dependency) -> None:
    fail(guards)
    assert refused(many(dependency.call)) == MANY - 1


def test_what_the_dependency_answers_ends_the_trial(guards: Breakers) -> None:
    with pytest.raises(ValueError, match="no such row"), guards.guard("database"):
        raise ValueError("no such row")
    assert guards.closed("database")


@pytest.mark.parametrize(("rule", "state"), [("on", "half-open"), ("off", "closed")])
@pytest.mark.parametrize("end", [gevent.GreenletExit(), DependencyDownError("redis")])
def test_a_trial_that_says_nothing_leaves_it_to_the_next(
    dependency: Dependency, monkeypatch: pytest.MonkeyPatch, end: BaseException, rule: str, state: str
) -> None:
    if rule == "off":
        monkeypatch.setattr(breakers, "_SAYS_NOTHING", ())
    tries = gevent.spawn(dependency.call)
    gevent.sleep(0)
    assert dependency.calls == 1
    tries.kill(end)
    assert dependency.guards.states()["database"] == state
    if rule == "on":
        assert refused(many(dependency.call)) == MANY - 1
        assert dependency.calls == 2


@pytest.mark.parametrize("rule", ["on", "off"])
def test_a_trial_passes_the_guards_inside_its_own(guards: Breakers, monkeypatch: pytest.MonkeyPatch, rule: str) -> None:
    if rule == "off":
        monkeypatch.setattr(breakers, "on_trial", lambda *_: False)
    reached = False
    with suppress(DependencyDownError), guards.guard("database"), guards.guard("database"):
        reached = True
    assert reached == (rule == "on")


def test_another_breaker_is_not_passed(guards: Breakers) -> None:
    other = Breakers(fail_max=1, reset_timeout=60)
    fail(other)
    with pytest.raises(DependencyDownError), guards.guard("database"), other.guard("database"):
        pytest.fail("the other one is open")


@pytest.mark.parametrize("rule", ["on", "off"])
def test_who_works_for_a_trial_passes_too(guards: Breakers, monkeypatch: pytest.MonkeyPatch, rule: str) -> None:
    """The coalescer's greenlet is another one, begun by somebody else."""
    if rule == "off":
        nothing: ContextVar[frozenset[object]] = ContextVar("nothing", default=frozenset())
        monkeypatch.setattr(coalesce, "TRIALS", nothing)

    def work(tickets: list[Ticket[str, str]]) -> None:
        with guards.guard("database"):
            for ticket in tickets:
                ticket.resolve(ticket.item)

    desk = Coalescer(work, linger_s=0.02)
    stranger = gevent.spawn(desk.ask, "stranger")
    gevent.sleep(0)
    told = Counter[str]()
    with suppress(DependencyDownError), guards.guard("database"):
        told[desk.ask("trial")] += 1
        with pytest.raises(DependencyDownError):
            gevent.spawn(desk.ask, "later").get(timeout=5)
    assert told["trial"] == (rule == "on")
    stranger.join(timeout=5)
    assert stranger.successful() == (rule == "on")


def test_a_trial_that_takes_long_keeps_nobody_from_trying(
    dependency: Dependency, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breakers, "_ALONE_S", {"database": 0.15})
    first = many(dependency.call)
    gevent.sleep(0.1)
    second = many(dependency.call)
    assert (refused(first), refused(second), dependency.calls) == (MANY - 1, MANY - 1, 2)
    dependency.thawed.set()
    gevent.joinall([*first, *second], timeout=5)
    assert dependency.guards.closed("database")
    assert refused(many(dependency.call)) == 0


@pytest.mark.parametrize(("rule", "waiting"), [("on", 0), ("off", MANY)])
def test_nobody_waits_in_a_line_behind_a_trial(dependency: Dependency, rule: str, waiting: int) -> None:
    def work(tickets: list[Ticket[int, int]]) -> None:
        dependency.call()
        for ticket in tickets:
            ticket.resolve(ticket.item)

    check = partial(dependency.guards.check, "database") if rule == "on" else None
    desk = Coalescer(work, in_flight=1, linger_s=0, check=check)
    tries = gevent.spawn(desk.ask, 1)
    gevent.sleep(0.01)
    others = many(lambda: desk.ask(2))
    assert sum(not one.ready() for one in others) == waiting
    assert refused(others) == MANY - waiting
    if rule == "on":
        assert [type(one) for one in desk.ask_together([3, 4])] == [DependencyDownError] * 2
    dependency.thawed.set()
    assert tries.get(timeout=5) == 1
    assert desk.ask(5) == 5


@pytest.mark.parametrize(
    ("error", "times"), [(SilentError(2013, "timed out"), 1), (SilentError.__base__(2013, "ended"), 3)]
)
def test_one_silence_is_enough(error: Exception, times: int) -> None:
    guards = Breakers(reset_timeout=60)
    for number in range(times):
        assert guards.closed("database"), f"after {number}"
        with suppress(OperationalError), guards.guard("database"):
            raise OperationalError("SELECT 1", {}, error)
    assert not guards.closed("database")


class _SetBack(datetime):
    """The machine's clock, after somebody set it back by five minutes."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:
        return datetime.now(tz) - timedelta(minutes=5)


@pytest.mark.parametrize("guard", ["on", "off"])
def test_a_clock_that_is_set_back_keeps_nothing_open(monkeypatch: pytest.MonkeyPatch, guard: str) -> None:
    if guard == "off":
        monkeypatch.setattr(breakers, "_SteadyStorage", pybreaker.CircuitMemoryStorage)
    guards = Breakers(fail_max=1, reset_timeout=0.05)
    with suppress(ConnectionError), guards.guard("redis"):
        raise ConnectionError
    for module in (breakers, pybreaker):
        monkeypatch.setattr(module, "datetime", _SetBack)
    gevent.sleep(0.06)
    with pytest.raises(DependencyDownError) if guard == "off" else nullcontext(), guards.guard("redis"):
        pass
