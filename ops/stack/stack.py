"""The stack of one host: render, start in parallel, wait for real readiness, stop without a trace."""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import signal
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from ops.stack import processes
from ops.stack.accounts import account_for, is_root
from ops.stack.config import StackConfig
from ops.stack.environment import environment
from ops.stack.errors import StackError
from ops.stack.ports import require_free
from ops.stack.servers import programs_of, servers_of
from ops.stack.service import Service, ServiceStatus
from ops.stack.sockets import make_socket_folder, remove_socket_folder
from ops.stack.supervisor import Supervisor, section

log = logging.getLogger("ops.stack")
RUNNING = ("RUNNING", "STARTING")


class Stack:
    """One host's servers and programs. Every method may be called again: what is right is left alone."""

    def __init__(self, config: StackConfig) -> None:
        self.config = config
        self.servers = servers_of(config)
        self.programs = programs_of(config)
        self._supervisor = Supervisor(config)
        self._fingerprints = config.run / "fingerprints.json"

    # -- what the callers use ---------------------------------------------------------------------------------

    def up(self, only: Iterable[str] | None = None) -> dict[str, float]:
        """Bring the servers (all, or those named and what they need) up; seconds until each one answered."""
        names = self._with_requirements(self.servers if only is None else only)
        with self._lock():
            self._supervise()
            return self._bring_up(names)

    def start_programs(self, only: Iterable[str] | None = None) -> dict[str, float]:
        """Start web, ws and the consumers (after the migrations); also shows Nginx a new route table."""
        names = list(self.programs if only is None else only)
        with self._lock():
            self._supervise()
            if self.service("nginx").state in RUNNING:
                self._bring_up(["nginx"])
            return self._bring_up(names)

    def stop_programs(self) -> None:
        """Stop the application's programs, leave the servers."""
        self._stop(self.programs)

    def down(self) -> None:
        """Stop everything; returns only when no process of this stack is left."""
        if not self.config.root.exists():
            return
        with self._lock():
            # A paused one could not follow its stop signal.
            processes.signal_all(self._supervisor.processes(), signal.SIGCONT)
            if self._supervisor.pid() is not None:
                # The watchdog: nobody starts anything again. Nginx, as its idle connections would keep gunicorn waiting for
                # its whole graceful time-out; before the address goes, since connections of an address that is no longer here
                # can't be closed, and people would wait in vain.
                for name in ("watchdog", "nginx", "keepalived"):
                    self._stop([name] if name in self.servers else [])
                self._stop(self.programs)
                self._stop(name for name in self.servers if name not in ("epmd", "nginx", "keepalived", "watchdog"))
                self._stop(["epmd"])
                self._supervisor.stop()
            self._end_orphans()
            self._fingerprints.unlink(missing_ok=True)
            remove_socket_folder(self.config.sockets)

    def status(self) -> list[ServiceStatus]:
        """One line per service, with what its own probe says."""
        seen = self._supervisor.all_info()
        services = [self.service(name) for name in (*self.servers, *self.programs)]
        with ThreadPoolExecutor(len(services)) as pool:
            return list(pool.map(lambda service: _status(service, seen.get(service.name)), services))

    def logs(self, name: str, lines: int = 50) -> str:
        """The last lines of a service's log (`supervisord` too)."""
        if name == "supervisord":
            path = self.config.logs / "supervisord.log"
            return "\n".join(path.read_text("utf-8", "replace").splitlines()[-lines:]) if path.exists() else ""
        return self.service(name).log(lines)

    def runs(self, name: str) -> bool:
        """Whether the service runs, or is about to."""
        return self._supervisor.all_info().get(name, {}).get("statename") in RUNNING

    def registered(self) -> list[str]:
        """Where the registry says that this host's workers are; nowhere without a registry."""
        settings = [program.process().environment for program in self.programs.values()]
        return [one["SEATRUSH_ADDRESS"] for one in settings if "SEATRUSH_ADDRESS" in one]

    def environment(self) -> dict[str, str]:
        """SEATRUSH_* settings for the application's processes."""
        return environment(self.config)

    def service(self, name: str) -> Service:
        """A handle on one service, to break and heal it."""
        server = self.servers.get(name) or self.programs.get(name)
        if server is None:
            known = ", ".join((*self.servers, *self.programs))
            raise StackError(f"no service {name!r}; there are: {known}")
        return Service(server, self._supervisor)

    # -- how it is done ---------------------------------------------------------------------------------------

    def _supervise(self) -> None:
        """Render supervisor's configuration and have a supervisord that follows it."""
        config = self.config
        for folder in (config.root, config.run, config.logs):
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        make_socket_folder(config.sockets)
        config.record_ports()
        self._say_accounts()
        running = self._supervisor.pid() is not None
        if not running:
            self._end_orphans()
        changed = self._supervisor.render([*self.servers.values(), *self.programs.values()])
        if not running:
            self._fingerprints.unlink(missing_ok=True)
            self._supervisor.start()
        elif changed:
            self._supervisor.reread()

    def _bring_up(self, names: list[str]) -> dict[str, float]:
        fingerprints = self._read_fingerprints()
        infos = self._supervisor.all_info()
        idle = [name for name in names if infos[name]["statename"] not in RUNNING]
        self._require_ports(idle)
        wishes = {name: self._render(name) for name in names}
        stale = [name for name in names if name not in idle and fingerprints.get(name) != wishes[name]]
        restart = [name for name in stale if not self._reload(name, wishes[name], fingerprints)]
        self._stop(restart)
        self._write_fingerprints({**fingerprints, **wishes})
        waiting = {name: self._launch(self.service(name)) for name in idle + restart}
        return self._wait(waiting, names)

    def _launch(self, service: Service) -> Service:
        for required in service.server.requires:
            self.service(required).wait_ready()
        service.start()
        return service

    def _wait(self, started: dict[str, Service], names: list[str]) -> dict[str, float]:
        """Wait for all at once; the first failure is raised after every wait has ended."""
        services = [started.get(name) or self.service(name) for name in names]
        if not services:
            return {}
        with ThreadPoolExecutor(len(services)) as pool:
            return dict(zip(names, pool.map(Service.wait_ready, services), strict=True))

    def _reload(self, name: str, wish: str, fingerprints: dict[str, str]) -> bool:
        """Let a running server take over its new files by a signal; False when it needs a restart."""
        service = self.service(name)
        same_process = fingerprints.get(name, "").partition(" ")[0] == wish.partition(" ")[0]
        if service.server.reload_signal is None or not same_process:
            return False
        service.reload()
        log.info("%s: configuration changed, reloaded", name)
        return True

    def _stop(self, names: Iterable[str]) -> None:
        """Stop several at once, each the proper way; what older code has started may have no such service."""
        known = self._supervisor.all_info()
        services = [self.service(name) for name in names if name in known]
        for service in services:
            service.begin_stop()
        for service in services:
            service.finish_stop()

    def _render(self, name: str) -> str:
        """Write a service's files; its fingerprint is 'process files', two digests."""
        server = self.service(name).server
        server.prepare()
        files = server.files()
        for file in files:
            file.write()
        process = section(self.config, name, server.process())
        text = "\0".join([*(f"{file.path}\0{file.text}" for file in files), server.watched()])
        return f"{_digest(process)} {_digest(text)}"

    def _require_ports(self, names: Iterable[str]) -> None:
        for name in names:
            for port_name, port in self.service(name).server.ports().items():
                require_free(port_name, port, name)

    def _with_requirements(self, names: Iterable[str]) -> list[str]:
        wanted = set(names)
        for name in list(wanted):
            if name not in self.servers:
                raise StackError(f"no server {name!r}; there are: {', '.join(self.servers)}")
            wanted.update(self.servers[name].requires)
        return [name for name in self.servers if name in wanted]

    def _end_orphans(self) -> None:
        """End what a killed supervisord, or a killed master of Nginx, has left: nobody else would stop it any more."""
        orphans = self._supervisor.processes()
        if not orphans:
            return
        log.info("ending %d processes which lost their parent", len(orphans))
        processes.signal_all(orphans, signal.SIGTERM)
        left = processes.kill_all(processes.wait_gone(orphans, 20))
        if left:
            raise StackError(f"processes {[pid.number for pid in left]} of {self.config.root} can't be ended")

    def _say_accounts(self) -> None:
        if is_root() and account_for("mysql", self.config.data("mariadb")) is None:
            log.info("MariaDB runs as root: the account mysql can't reach %s", self.config.root)

    def _read_fingerprints(self) -> dict[str, str]:
        try:
            return dict(json.loads(self._fingerprints.read_text(encoding="ascii")))
        except (OSError, ValueError):
            return {}

    def _write_fingerprints(self, fingerprints: dict[str, str]) -> None:
        self._fingerprints.write_text(json.dumps(fingerprints, indent=1), encoding="ascii")

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """One `up` or `down` per folder at a time."""
        self.config.root.mkdir(mode=0o755, parents=True, exist_ok=True)
        with (self.config.root / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _status(service: Service, info: dict[str, object] | None) -> ServiceStatus:
    if info is None:
        return ServiceStatus(service.name, "DOWN", None, 0.0, service.server.address, answers=False)
    state, pid = str(info["statename"]), int(str(info["pid"])) or None
    uptime = float(str(info["now"])) - float(str(info["start"])) if pid else 0.0
    why = service.ready() if pid else str(info["spawnerr"])
    detail = service.server.address if why is None else f"{service.server.address}: {why or 'no answer'}"
    return ServiceStatus(service.name, state, pid, uptime, detail, answers=state == "RUNNING" and why is None)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
