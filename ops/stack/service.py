"""One service of a running stack: start, stop, and the ways to break it that fault tests need."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass
from typing import Any

from ops.stack import processes
from ops.stack.errors import NotReadyError, StackError
from ops.stack.servers.base import Server
from ops.stack.supervisor import Supervisor

POLL = 0.05
FALLS = 3  # so many failed starts seen in a row, and waiting longer is no use


@dataclass(frozen=True)
class ServiceStatus:
    """A line of `status`: state is supervisor's word (RUNNING, STOPPED, FATAL …), DOWN without supervisor. `answers`: it runs,
    and its probe is content."""

    name: str
    state: str
    pid: int | None
    uptime_s: float
    detail: str
    answers: bool


class Service:
    """A handle on one service; cheap, keeps no state of its own."""

    def __init__(self, server: Server, supervisor: Supervisor) -> None:
        self.server = server
        self.name = server.name
        self.supervisor = supervisor

    @property
    def pid(self) -> int | None:
        """The leader's process id while it runs, else None."""
        return self._info()["pid"] or None

    @property
    def state(self) -> str:
        """supervisor's state of it."""
        return str(self._info()["statename"])

    @property
    def runs_s(self) -> float:
        """For how many seconds it has been running; 0 while it isn't."""
        info = self._info()
        return float(info["now"]) - float(info["start"]) if info["pid"] else 0.0

    def processes(self) -> list[processes.Pid]:
        """The leader, its descendants and its process group."""
        pid = self.pid
        return processes.tree([pid]) if pid else []

    def start(self) -> None:
        """Start it if it isn't running; doesn't wait."""
        state = self.state
        if state in ("RUNNING", "STARTING"):
            return
        if state == "BACKOFF":  # supervisor would refuse: it counts as started
            self.supervisor.call("stopProcess", self.name, False)
        self._settle()
        self.server.prepare()
        self.supervisor.call("startProcess", self.name, False)

    def stop(self, timeout: float = 60.0) -> None:
        """Stop it the proper way and wait until all its processes are gone."""
        self.begin_stop()
        self.finish_stop(timeout)

    def begin_stop(self) -> None:
        """Ask it to stop; `finish_stop` waits."""
        self._members = self.processes()
        if self.state in ("RUNNING", "STARTING", "BACKOFF"):
            self.supervisor.call("stopProcess", self.name, False)

    def finish_stop(self, timeout: float = 60.0) -> None:
        """Wait for the end that `begin_stop` asked for; what supervisor left over is killed."""
        self._settle(timeout)
        left = processes.kill_all(self._members)
        if left:
            raise StackError(f"{self.name}: processes {[pid.number for pid in left]} can't be ended")

    def kill(self, *, stay_down: bool = False) -> None:
        """SIGKILL all its processes at once, as a power cut would; supervisor restarts it unless `stay_down`."""
        members = self.processes()
        if stay_down and members:
            # Frozen first, it can't act on the TERM which tells supervisor that this end is wanted.
            processes.freeze_whole(self.processes)
            members = self.processes()
            processes.signal_all(members, signal.SIGSTOP)  # if one could not be frozen, none is now
            self.supervisor.call("stopProcess", self.name, False)
        left = processes.kill_all(members)
        if left:
            raise StackError(f"{self.name}: processes {[pid.number for pid in left]} survive SIGKILL")
        if stay_down:
            self._settle()

    def pause(self) -> None:
        """SIGSTOP all its processes: it holds its connections and answers nothing."""
        if left := processes.freeze_whole(self.processes):
            raise StackError(f"{self.name}: processes {[pid.number for pid in left]} can't be stopped")

    def resume(self) -> None:
        """SIGCONT all its processes."""
        processes.signal_all(self.processes(), signal.SIGCONT)

    def autorestart(self, on: bool) -> None:
        """Whether supervisor starts it again when it ends by itself (until supervisord itself ends)."""
        self.supervisor.call("setAutorestart", self.name, on, namespace="stack")

    def reload(self) -> None:
        """Take over a changed configuration without a restart, where the server can; waits until it is in force."""
        if self.server.reload_signal is None:
            raise StackError(f"{self.name} can't reload: restart it")
        self.server.check()
        old = self.processes()
        self.supervisor.call("signalProcess", self.name, self.server.reload_signal)
        deadline = time.monotonic() + 10
        while not self.server.reloaded(old):
            if time.monotonic() > deadline:
                raise StackError(f"{self.name} keeps its old configuration; log: {self.last_words()}")
            time.sleep(POLL)

    def ready(self) -> str | None:
        """None when it answers, else what its probe saw."""
        try:
            self.server.probe()
        except NotReadyError as error:
            return str(error)
        return None

    def wait_ready(self, timeout: float | None = None) -> float:
        """Wait until it answers in its own protocol; returns the seconds it took, StackError when it gives up."""
        started = time.monotonic()
        limit = self.server.ready_timeout if timeout is None else timeout
        tried: set[int | None] = set()
        while True:
            info = self._info()
            state = str(info["statename"])
            if state == "STARTING":
                tried.add(info["pid"])
            if state == "FATAL" or (state == "BACKOFF" and len(tried) >= FALLS):
                raise StackError(f"{self.name} ends again and again; last lines: {self.last_words()}")
            why = self.ready() if state in ("RUNNING", "STARTING") else f"supervisor says {state}"
            # Below startsecs a process that listens nowhere may still be about to fall.
            if why is None and (state == "RUNNING" or self.server.ports()):
                return time.monotonic() - started
            if time.monotonic() - started > limit:
                raise StackError(f"{self.name} does not answer within {limit:.0f} s: {why}; log: {self.last_words()}")
            time.sleep(POLL)

    def wait_state(self, wanted: str, timeout: float = 10.0) -> str:
        """Wait until supervisor reports the state; returns the one it reports at the end."""
        deadline = time.monotonic() + timeout
        while (state := self.state) != wanted and time.monotonic() < deadline:
            time.sleep(POLL)
        return state

    def log(self, lines: int = 50) -> str:
        """The last lines of its log."""
        path = self.server.config.logs / f"{self.name}.log"
        if not path.exists():
            return ""
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 400 * lines))
            text = file.read().decode("utf-8", "replace")
        return "\n".join(text.splitlines()[-lines:])

    def last_words(self) -> str:
        """The log's last three lines in one, for an error message."""
        return " / ".join(line.strip() for line in self.log(3).splitlines()) or "(empty)"

    def _info(self) -> dict[str, Any]:
        return self.supervisor.info(self.name)

    def _settle(self, timeout: float = 60.0) -> None:
        """Wait until supervisor has seen a stop or an exit."""
        deadline = time.monotonic() + timeout
        while self.state == "STOPPING" and time.monotonic() < deadline:
            time.sleep(POLL)
