"""A frozen process runs in none of its threads by the time one is told so."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep

import pytest

from ops.stack import processes
from ops.stack.processes import Pid
from tests.waiting import until

# SHA-256 of much runs without Python's lock: on several processors at once.
BUSY = """
import hashlib, sys, threading
DATA = b"x" * 10_000_000
def work():
    while True:
        hashlib.sha256(DATA)
for _ in range(3):
    threading.Thread(target=work, daemon=True).start()
print("up", flush=True)
sys.stdin.read()
"""


@contextmanager
def running() -> Iterator[Pid]:
    with subprocess.Popen([sys.executable, "-c", BUSY], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        try:
            assert child.stdout is not None
            child.stdout.readline()
            pid = processes.identify(child.pid)
            assert pid is not None
            yield pid
        finally:
            child.kill()


@pytest.fixture
def busy() -> Iterator[Pid]:
    with running() as pid:
        yield pid


def ticks(pid: Pid) -> int:
    fields = Path(f"/proc/{pid.number}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def test_frozen_is_frozen(busy: Pid) -> None:
    assert not busy.stands_still()
    assert processes.freeze_all([busy]) == []
    assert busy.stands_still()
    used = ticks(busy)
    sleep(0.3)
    assert (ticks(busy), busy.alive()) == (used, True)
    busy.send(signal.SIGCONT)
    until(lambda: ticks(busy) > used, "its going on")


def test_what_cannot_be_frozen_is_told_and_nothing_stays_frozen(busy: Pid, monkeypatch: pytest.MonkeyPatch) -> None:
    send, stopped = Pid.send, []

    def but_one(pid: Pid, number: int) -> None:
        if (pid, number) != (busy, signal.SIGSTOP):
            stopped.append(number)
            send(pid, number)

    monkeypatch.setattr(Pid, "send", but_one)
    with running() as other:
        assert processes.freeze_whole(lambda: [other, busy], timeout=2.0) == [busy]
        assert stopped[0] == signal.SIGSTOP
        until(lambda: not other.stands_still(), "the other one's going on")


def test_who_is_started_meanwhile_is_frozen_too(busy: Pid) -> None:
    seen = iter([[], [busy], [busy]])
    first = Pid(busy.number, busy.started - 1)
    assert processes.freeze_whole(lambda: [first, *next(seen)]) == []
    assert busy.stands_still()
