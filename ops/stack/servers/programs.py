"""The application's own processes: web and ws under gunicorn, and the consumers."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from ops.stack.config import StackConfig
from ops.stack.environment import environment
from ops.stack.errors import NotReadyError
from ops.stack.servers.base import Process, Server

# Longer than Nginx keeps an idle upstream connection (30 s in seatrush.conf.tmpl): were gunicorn the first to
# close one, a POST on its way over it would end as a 502 of unknown outcome.
KEEP_ALIVE = 75


class Program(Server):
    """A process of the application; its environment is part of its configuration."""

    def process(self) -> Process:
        config = self.config
        settings = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            **environment(config),
            **self.settings_of_its_own(),
            "PYTHONPATH": str(config.repository),
            "PYTHONUNBUFFERED": "1",
        }
        return Process(
            command=[str(config.python), *self.arguments()],
            folder=str(config.repository),
            environment=settings,
            stop_group=True,
            stop_wait=20,
        )

    def settings_of_its_own(self) -> dict[str, str]:
        """SEATRUSH_* settings that other programs don't share."""
        return {}

    def arguments(self) -> list[str]:
        """The arguments of python."""
        raise NotImplementedError

    def prepare(self) -> None:
        (self.config.root / "spool").mkdir(mode=0o700, parents=True, exist_ok=True)


class Gunicorn(Program):
    """A gunicorn/gevent server on a unix socket; its settings file, when it is there, holds the rest."""

    def __init__(
        self, config: StackConfig, name: str, module: str, workers: int, settings: Path, worker: str = ""
    ) -> None:
        super().__init__(config)
        self.name = name
        self.worker = worker if worker or settings.exists() else "gevent"  # else the settings name one
        self.module = module
        self.workers = workers
        self.settings = settings

    @property
    def socket(self) -> Path:
        """The unix socket; gunicorn makes it open to all, and its folder only lets pass."""
        return self.config.sockets / f"{self.name}.sock"

    @property
    def _port(self) -> int:
        """Where the other hosts' Nginx finds it; a site is not served by them."""
        return {"web": self.config.ports.web, "ws": self.config.ports.ws}[self.name]

    def settings_of_its_own(self) -> dict[str, str]:
        if not self.config.registry or self.name not in ("web", "ws"):
            return {}
        own = self.config.cluster.own.address if self.config.cluster else None
        return {"SEATRUSH_ADDRESS": f"{own}:{self._port}" if own else f"unix:{self.socket}"}

    def arguments(self) -> list[str]:
        options = [
            "-w", str(self.workers),
            "--worker-connections", "4000",
            "--backlog", "4096",
            "--bind", f"unix:{self.socket}",
            "--keep-alive", str(KEEP_ALIVE),
            "--no-control-socket",
        ]  # fmt: skip
        if self.config.cluster:
            peers = ",".join(peer.address for peer in self.config.cluster.peers)
            options += ["--bind", f"{self.config.address}:{self._port}", "--forwarded-allow-ips", peers]
        if self.worker:
            options += ["-k", self.worker]
        if self.settings.exists():
            options += ["-c", str(self.settings)]
        return ["-m", "gunicorn", self.module, *options]

    def probe(self) -> None:
        status = http_status(self.socket, "/healthz")
        if status >= 500:
            raise NotReadyError(f"/healthz answers {status}")

    @property
    def address(self) -> str:
        return str(self.socket)


class Consumer(Program):
    """`python -m consumers NAME`. It listens nowhere, so it counts as ready once supervisor says RUNNING."""

    def __init__(self, config: StackConfig, name: str) -> None:
        super().__init__(config)
        self.name = name

    def arguments(self) -> list[str]:
        return ["-m", "consumers", self.name]

    def probe(self) -> None:
        return None

    @property
    def address(self) -> str:
        return f"consumers {self.name}"


def http_status(path: Path, target: str, token: str = "") -> int:
    """The status of a GET over a unix socket, by whom the access token is of. Raises NotReadyError when there is none."""
    whose = f"Authorization: Bearer {token}\r\n" if token else ""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(str(path))
            connection.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n{whose}Connection: close\r\n\r\n".encode())
            line = connection.recv(64)
        return int(line.split(b" ", 2)[1])
    except (OSError, IndexError, ValueError) as error:
        raise NotReadyError(f"{path}: {error}") from error
