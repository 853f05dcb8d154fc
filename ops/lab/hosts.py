"""A host: network, mount, name, IPC and PID namespaces around one small process. Killing that is pulling the plug."""

from __future__ import annotations

import io
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ops.lab.errors import LabError
from ops.stack import processes
from ops.stack.packages import SYSTEM_PATH, find_binary
from ops.stack.processes import Pid

INIT = Path(__file__).with_name("init.py")
# What a cluster's machines set in /etc/sysctl.d (docs/deploy.md); here each host has its own.
SYSCTL = Path(__file__).parents[1] / "stack" / "templates" / "sysctl.conf"
NAMESPACES = ("net", "mnt", "uts", "ipc", "pid")
BOOT_S = 20.0


@dataclass(frozen=True)
class Host:
    """A handle on a running host; all that must be remembered of it is which process its first one is."""

    name: str
    init: Pid  # seen from outside
    _parent: subprocess.Popen[bytes] | None = field(default=None, compare=False, repr=False)

    @classmethod
    def boot(cls, name: str, *, hosts: Path, volatile: Sequence[Path] = ()) -> Host:
        """Power it on. `hosts` becomes its /etc/hosts; the `volatile` folders are empty after each boot."""
        arguments = [sys.executable, "-I", "-S", str(INIT), name, str(hosts), str(SYSCTL), *map(str, volatile)]
        flags = ["-n", "-m", "-u", "-i", "-p", "--fork", "--kill-child", "--mount-proc"]
        parent = subprocess.Popen(
            [find_binary("unshare"), *flags, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={"PATH": SYSTEM_PATH},
            cwd="/",
            start_new_session=True,
        )
        _require_ready(parent, name)
        return cls(name, _child(parent.pid), parent)

    def command(self, *command: str, only: Sequence[str] = NAMESPACES) -> list[str]:
        """The command line which runs the command inside (`only` in some of its namespaces)."""
        # By file and not by --target: after the host's end the number may be somebody else's, a missing file is an error.
        if not self.init.alive():
            raise LabError(f"{self.name} is off")
        where = [f"--{_OPTIONS[name]}=/proc/{self.init.number}/ns/{name}" for name in only]
        return [find_binary("nsenter"), *where, "--", *command]

    def run(self, *command: str, check: bool = True, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run it inside to its end; its last lines are in the error when it fails."""
        done = subprocess.run(self.command(*command), capture_output=True, text=True, check=False, **options)
        if check and done.returncode != 0:
            lines = (done.stdout + done.stderr).strip().splitlines()[-8:]
            raise LabError("\n".join([f"{self.name}: {' '.join(command)} failed ({done.returncode}):", *lines]))
        return done

    def begin(self, *command: str, **options: Any) -> subprocess.Popen[str]:
        """Start it inside and return."""
        return subprocess.Popen(self.command(*command), text=True, **options)

    def processes(self) -> list[Pid]:
        """Everything that runs inside, by its numbers outside, the first process included."""
        mine = _namespace(self.init.number, "pid")
        numbers = [int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit()]
        found = [processes.identify(number) for number in numbers if _namespace(number, "pid") == mine]
        return [pid for pid in found if pid is not None and pid.alive()] if mine else []

    def outside(self, inner: int) -> Pid | None:
        """The process which has the number inside: what is to be killed from outside."""
        return next((pid for pid in self.processes() if _inner(pid.number) == inner), None)

    def namespaces(self) -> dict[str, str]:
        """Its namespaces' names in the kernel ("net:[4026532177]"), to see that none is left."""
        return {name: _namespace(self.init.number, name) for name in NAMESPACES}

    def power_off(self) -> None:
        """Pull the plug: every process of it and its end of the cable are gone at once; returns when they are."""
        if processes.kill_all([self.init]):
            raise LabError(f"{self.name} can't be ended (process {self.init.number})")
        if self._parent is not None:
            self._parent.wait(10)

    @property
    def alive(self) -> bool:
        """Whether it has power."""
        return self.init.alive()


_OPTIONS: Mapping[str, str] = {"net": "net", "mnt": "mount", "uts": "uts", "ipc": "ipc", "pid": "pid"}


def _require_ready(parent: subprocess.Popen[bytes], name: str) -> None:
    """Wait for the first process's word; LabError with what the kernel, or a command, said instead."""
    with parent.stdout or io.BytesIO() as said:
        line = said.readline()
        if line != b"ready\n":
            why = (line + said.read()).decode("utf-8", "replace").strip().splitlines() or ["no answer"]
            raise LabError(f"this machine does not let us make the host {name} of namespaces (as root?): {why[-1]}")


def _child(parent: int) -> Pid:
    """The one child of `unshare`."""
    deadline = time.monotonic() + BOOT_S
    while time.monotonic() < deadline:
        found = [pid for pid in processes.tree([parent]) if pid.number != parent]
        if len(found) == 1:
            return found[0]
        time.sleep(0.01)
    raise LabError("a host's first process is not to be found")


def _namespace(number: int, name: str) -> str:
    try:
        return str(Path(f"/proc/{number}/ns/{name}").readlink())
    except OSError:
        return ""


def _inner(number: int) -> int | None:
    """The number which a process has in its innermost namespace."""
    try:
        text = Path(f"/proc/{number}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return next((int(line.split()[-1]) for line in text.splitlines() if line.startswith("NSpid:")), None)
