"""A frozen process runs in none of its threads by the time one is told so."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

from ops.stack import processes
from ops.stack.processes import Pid

# SHA-256 of much runs without Python's lock: on several processors at once.
BUSY = """
import hashlib, sys, threading
def work():
    while True:
        hashlib.sha256(b"x" * 100_000_000)
for _ in range(3):
    threading.Thread(target=work, daemon=True).start()
print("up", flush=True)
sys.stdin.read()
"""


def ticks(pid: Pid) -> int:
    fields = Path(f"/proc/{pid.number}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def test_frozen_is_frozen() -> None:
    with subprocess.Popen([sys.executable, "-c", BUSY], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        pid = processes.identify(child.pid)
        assert pid is not None
        assert not pid.stands_still()
        assert processes.freeze_all([pid]) == []
        used = ticks(pid)
        sleep(0.3)
        assert (ticks(pid), pid.stands_still(), pid.alive()) == (used, True, True)
        pid.send(signal.SIGCONT)
        until = monotonic() + 10
        while ticks(pid) == used and monotonic() < until:
            sleep(0.02)
        assert ticks(pid) > used
        child.kill()
    assert pid.stands_still()
