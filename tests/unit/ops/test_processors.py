"""Servers and clients on processors of their own, with real processes and their threads."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.drills.processors import apart
from ops.stack.processes import Pid, identify

EVERYWHERE = os.sched_getaffinity(0)
TWO_THREADS = """
import threading, time
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
print("runs", flush=True)
time.sleep(60)
"""


@pytest.fixture
def server() -> Iterator[Pid]:
    with subprocess.Popen([sys.executable, "-c", TWO_THREADS], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        pid = identify(process.pid)
        assert pid is not None
        yield pid
        process.kill()


def threads(pid: Pid) -> set[frozenset[int]]:
    tasks = [one.name for one in Path(f"/proc/{pid.number}/task").iterdir()]
    return {frozenset(os.sched_getaffinity(int(one))) for one in tasks}


def test_servers_and_clients_do_not_meet(server: Pid) -> None:
    assert len(EVERYWHERE) > 1, "tests need two processors"
    gone = Pid(2**22, 1)
    with apart(lambda: [server, gone]) as prefix:
        asked = [*prefix, sys.executable, "-c", "import os; print(*os.sched_getaffinity(0))"]
        client = {int(one) for one in subprocess.run(asked, capture_output=True, check=True).stdout.split()}
        assert threads(server) == {frozenset(EVERYWHERE - client)}
        assert len(client) == 1
    assert threads(server) == {frozenset(EVERYWHERE)}


def test_with_one_processor_nothing_changes(server: Pid, monkeypatch: pytest.MonkeyPatch) -> None:
    before = threads(server)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    with apart(lambda: [server]) as prefix:
        assert prefix == ()
    monkeypatch.undo()
    assert threads(server) == before
