"""What one stack is: its folder, ports, programs and sizes. Frozen: a changed wish is a new config."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ops.stack.cluster import Cluster
from ops.stack.errors import StackError
from ops.stack.ports import LOOPBACK, Ports
from ops.stack.secrets import Secrets
from ops.stack.sockets import socket_folder

REPOSITORY = Path(__file__).resolve().parents[2]
PROGRAMS = ("web", "ws", "claims", "maintenance")


@dataclass(frozen=True)
class Site:
    """A further gunicorn behind the same Nginx, run like `web` but for its module: what a benchmark compares with."""

    name: str
    module: str  # "package.module:app"; must answer /healthz
    prefix: str  # Nginx sends it everything below, "/bench/ceiling/"
    settings: Path  # its gunicorn.conf.py


@dataclass(frozen=True)
class StackConfig:
    """One host's stack. Build it with `for_folder`; every state file lies under `root`."""

    name: str
    root: Path
    ports: Ports
    programs: tuple[str, ...] = PROGRAMS
    sites: tuple[Site, ...] = ()
    mode: str = "demo"  # SEATRUSH_MODE of the programs: demo, test or production
    env_extra: Mapping[str, str] = field(default_factory=dict)  # laid over environment() for the programs
    repository: Path = REPOSITORY  # working folder of the programs
    python: Path = Path(sys.executable)
    mariadb_template: Path | None = None  # an empty data folder to copy; made there when missing
    nginx_workers: int = 1
    web_workers: int = 2
    ws_workers: int = 1
    cluster: Cluster | None = None  # the hosts which this one shares the work with; None: it is alone
    access_log: bool = False  # JSON lines, buffered
    ops_networks: tuple[str, ...] = (LOOPBACK,)  # who reaches /api/ops at all (it still asks for the permission)
    # Of an authority that browsers believe, PEM (docs/deploy.md); without them one that the stack signs itself.
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    registry: bool = False  # workers register in ZooKeeper, and the program `upstreams` tells Nginx who is there
    # A whole campus may sit behind one NAT address, and tests and bench come from loopback: generous.
    requests_per_second: int = 20000
    request_burst: int = 20000
    connections_per_address: int = 20000
    # Claims that may be in progress at once, of everybody: what all hosts together accept in one to two seconds
    # (docs/overload.md). What comes above that is told to come again, before it costs more than Nginx. None: by processors.
    claims_at_once: int | None = None

    @classmethod
    def for_folder(
        cls,
        root: Path,
        *,
        ports: Ports | None = None,
        name: str = "demo",
        programs: tuple[str, ...] = PROGRAMS,
        env_extra: Mapping[str, str] | None = None,
        template: Path | None = None,
        **settings: Any,
    ) -> StackConfig:
        """A config for the folder; without `ports`, those recorded there by an earlier stack, else free ones."""
        root = Path(root).resolve()
        _require_plain("folder", root)
        for setting in ("tls_certificate", "tls_key"):
            if settings.get(setting):
                settings[setting] = Path(settings[setting]).absolute()  # certbot's links are not followed: they move on
                _require_plain("file", settings[setting])
        settings.setdefault("mode", "demo" if name == "demo" else "test")
        return cls(
            name=name,
            root=root,
            ports=ports or recorded_ports(root) or Ports.free(),
            programs=tuple(programs),
            env_extra=dict(env_extra or {}),
            mariadb_template=template,
            **settings,
        )

    @property
    def address(self) -> str:
        """Where servers listen: loopback, or this host's own address when others must reach them."""
        return self.cluster.own.address if self.cluster else LOOPBACK

    @cached_property
    def sockets(self) -> Path:
        """Folder of the unix sockets (`web.sock`, `ws.sock`, `redis.sock`, `mariadb/mariadb.sock`, …)."""
        return socket_folder(self.root)

    @cached_property
    def secrets(self) -> Secrets:
        """The stack's passwords and keys."""
        return Secrets(self.root / "secrets")

    @property
    def gunicorn_settings(self) -> Path:
        """The settings file of web and ws."""
        return self.repository / "gunicorn.conf.py"

    @property
    def webroot(self) -> Path:
        """What Nginx serves: shells, `routes.map` and `s/<hash>/…`; filled by `ops.webroot`."""
        return self.root / "webroot"

    @property
    def logs(self) -> Path:
        """One log file per service, rotated by supervisor."""
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """Pid files, fingerprints, and what the programs keep while they run (SEATRUSH_RUN_DIR)."""
        return self.root / "run"

    @property
    def upstreams(self) -> Path:
        """Whom Nginx asks, when there is a registry: `<kind>.static` by us, `<kind>.conf` by the program `upstreams`."""
        return self.root / "upstreams"

    def etc(self, server: str) -> Path:
        """The folder of a server's rendered configuration."""
        return self.root / "etc" / server

    def data(self, server: str) -> Path:
        """The folder of a server's data."""
        return self.root / "data" / server

    def record_ports(self) -> None:
        """Remember the ports, so that a later `for_folder` without any finds the same ones."""
        (self.root / "ports.json").write_text(json.dumps(asdict(self.ports), indent=1), encoding="ascii")


def _require_plain(kind: str, path: Path) -> None:
    """It stands, quoted, in the configuration of every server."""
    if any(character in str(path) for character in "\"'\n\\%$"):
        raise StackError(f"the {kind} {path} has a quote, %, $ or backslash in its path: use another {kind}")


def recorded_ports(root: Path) -> Ports | None:
    """The ports of the stack that was last started in the folder, None when there was none."""
    try:
        return Ports(**json.loads((root / "ports.json").read_text(encoding="ascii")))
    except (OSError, ValueError, TypeError):
        return None
