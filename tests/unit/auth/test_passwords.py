"""Hashing: right, wrong, nobody, legacy; and that it neither blocks the loop nor queues without end."""

from __future__ import annotations

import hashlib
import time

import gevent
import pytest
from argon2 import PasswordHasher

from app.auth.errors import BusyError
from app.auth.passwords import Passwords, StoredPassword


def test_right_and_wrong() -> None:
    passwords = Passwords()
    stored = StoredPassword(passwords.hash("correct horse"))
    assert passwords.verify(stored, "correct horse").right
    assert not passwords.verify(stored, "wrong horse").right
    assert passwords.verify(stored, "correct horse").new_hash is None
    assert not passwords.verify(None, "correct horse").right
    assert not passwords.verify(StoredPassword("not a hash"), "x").right
    assert not passwords.verify(StoredPassword(), "x").right


@pytest.mark.parametrize("salted", ["salt" + "old password", "old password" + "salt"])
def test_legacy_md5_is_right_once_and_comes_back_as_argon2id(salted: str) -> None:
    stored = StoredPassword(None, hashlib.md5(salted.encode()).hexdigest().upper(), "salt")
    verdict = Passwords().verify(stored, "old password")
    assert verdict.right
    assert verdict.new_hash
    assert verdict.new_hash.startswith("$argon2id$")
    assert Passwords().verify(stored, "other").new_hash is None


def test_other_parameters_are_rehashed() -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash("x")
    assert Passwords().verify(StoredPassword(weak), "x").new_hash


def test_nobody_costs_as_much_as_somebody() -> None:
    passwords = Passwords()
    stored = StoredPassword(passwords.hash("correct horse"))

    def cost(target: StoredPassword | None) -> float:
        times = []
        for _ in range(7):
            start = time.process_time()  # the whole process's: a busy machine changes nothing
            passwords.verify(target, "wrong")
            times.append(time.process_time() - start)
        return sorted(times)[1]

    somebody, nobody = cost(stored), cost(None)
    assert 0.4 < nobody / somebody < 2.5


def test_the_loop_goes_on_while_hashing() -> None:
    passwords, ticks = Passwords(), []

    def tick() -> None:
        while True:
            ticks.append(time.perf_counter())
            gevent.sleep(0.001)

    ticker = gevent.spawn(tick)
    gevent.joinall([gevent.spawn(passwords.hash, "x") for _ in range(8)], raise_error=True)
    ticker.kill()
    assert len(ticks) > 10


def test_says_busy_instead_of_queueing_without_end() -> None:
    passwords = Passwords(threads=1, waiting=3)
    jobs = [gevent.spawn(passwords.hash, "x") for _ in range(10)]
    gevent.joinall(jobs)
    refused = [job for job in jobs if isinstance(job.exception, BusyError)]
    assert len(refused) == 6
    assert passwords.hash("and later it goes on")
