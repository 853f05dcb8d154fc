"""A machine whose clock is five minutes wrong: what its programs go by is MariaDB's clock all the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import gevent
import pytest

from app.extensions import campus_time, clock
from app.extensions.breakers import Breakers
from app.extensions.clock import CampusClock, machine_ms, steady_ms
from app.extensions.db import Database
from app.extensions.services import Services
from tests.waiting import until

WRONG_MS = 300_000
WITHIN_MS = 20_000  # a machine that stands still between two looks at its clock is not five minutes wrong
NOBODY = "mysql+pymysql://root@127.0.0.1:1/none"


@pytest.fixture(autouse=True)
def unlearnt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CampusClock, "_offset_ms", None)


@pytest.fixture(params=[WRONG_MS, -WRONG_MS])
def wrong(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """By how much this machine is ahead."""
    ahead: int = request.param
    monkeypatch.setattr(clock, "machine_ms", lambda: machine_ms() + ahead)
    return ahead


@contextmanager
def following(db: Database, breakers: Breakers) -> Iterator[None]:
    greenlet = gevent.spawn(campus_time.follow, db, breakers)
    try:
        yield
    finally:
        greenlet.kill()


def off_by() -> float:
    """ms from the true time."""
    return CampusClock().epoch_ms() - machine_ms()


def test_mariadbs_clock_counts_once_it_is_known(services: Services, wrong: int) -> None:
    assert off_by() == pytest.approx(wrong, abs=WITHIN_MS)  # what is not learnt is the machine's
    assert campus_time.learn_once(services.db) == pytest.approx(wrong, abs=WITHIN_MS)
    assert off_by() == pytest.approx(0, abs=WITHIN_MS)
    assert CampusClock().now().timestamp() * 1000 == pytest.approx(machine_ms(), abs=WITHIN_MS)


def test_it_is_learnt_as_soon_as_mariadb_answers(
    services: Services, wrong: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campus_time, "FIRST_EVERY_S", 0.05)
    db = Database(NOBODY)
    with following(db, Breakers()):
        gevent.sleep(0.12)
        assert off_by() == pytest.approx(wrong, abs=WITHIN_MS)
    with following(services.db, services.breakers):
        until(lambda: abs(off_by()) < WITHIN_MS, "the campus's time", 10)


def test_a_clock_that_is_set_afterwards_changes_nothing(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    campus_time.learn_once(services.db)
    monkeypatch.setattr(clock, "machine_ms", lambda: machine_ms() - WRONG_MS)
    assert off_by() == pytest.approx(0, abs=WITHIN_MS)


@pytest.mark.parametrize(("told", "expected"), [(1_000_003, 1_000_000), (1_000_200, 1_000_200), (999_000, 999_000)])
def test_time_does_not_tremble(told: float, expected: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer took 10 ms: it may be wrong by five, so that only what differs by more is news."""
    monkeypatch.setattr(clock, "steady_ms", lambda: 5.0)
    CampusClock.learn(1_000_000, 5.0, 5.0)
    CampusClock.learn(told, 0.0, 10.0)
    assert CampusClock().epoch_ms() == expected


def test_the_steady_clock_goes_on() -> None:
    before = steady_ms()
    gevent.sleep(0.02)
    assert 15 < steady_ms() - before < 10_000
