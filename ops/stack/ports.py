"""The ports of one stack: fixed for the demo and for a cluster, free ones for tests, and who holds a taken one."""

from __future__ import annotations

import random
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import MISSING, asdict, dataclass, fields, replace
from pathlib import Path

from ops.stack.errors import StackError

LOOPBACK = "127.0.0.1"
# Below the kernel's ephemeral range (32768 and up): an outgoing connection can't take a port picked here.
FREE_RANGE = range(20000, 32000)


@dataclass(frozen=True)
class Ports:
    """TCP ports, 0 for none: MariaDB has then its unix socket only (skip-networking). Those below it are a cluster's."""

    http: int
    redis: int
    amqp: int
    amqp_dist: int
    epmd: int
    zookeeper: int
    https: int = 0  # Nginx too: no https without it
    mariadb: int = 0
    web: int = 0  # gunicorn, for the other hosts' Nginx
    ws: int = 0
    database: int = 0  # HAProxy, which leads to the MariaDB that is written to
    database_check: int = 0  # says over HTTP whether this host's MariaDB may be written to
    galera: int = 0
    galera_copy: int = 0
    galera_changes: int = 0
    sentinel: int = 0
    zookeeper_peers: int = 0
    zookeeper_votes: int = 0

    @classmethod
    def demo(cls) -> Ports:
        """The demo's fixed ports: none of them is a server's standard port."""
        return cls(http=8080, redis=18379, amqp=18672, amqp_dist=18673, epmd=18369, zookeeper=18181)

    @classmethod
    def cluster(cls) -> Ports:
        """The ports of a host that is one of several: the servers' usual ones where people know them."""
        return cls(
            http=80, https=443, redis=6379, amqp=5672, amqp_dist=25672, epmd=4369, zookeeper=2181, mariadb=3306,
            database=3307, database_check=9200, galera=4567, galera_copy=4444, galera_changes=4568, sentinel=26379,
            web=8001, ws=8002, zookeeper_peers=2888, zookeeper_votes=3888,
        )  # fmt: skip

    @classmethod
    def free(cls) -> Ports:
        """Ports which nothing listens on now, all distinct."""
        names = [field.name for field in fields(cls) if field.default is MISSING]
        chosen: list[int] = []
        for port in random.sample(FREE_RANGE, len(FREE_RANGE)):
            if is_free(port):
                chosen.append(port)
            if len(chosen) == len(names):
                return cls(**dict(zip(names, chosen, strict=True)))
        raise StackError(f"no {len(names)} free ports between {FREE_RANGE.start} and {FREE_RANGE.stop}")

    def with_environment(self, environment: Mapping[str, str]) -> Ports:
        """These ports with PORT (Nginx) and PORT_REDIS, PORT_AMQP, PORT_ZOOKEEPER … laid over them."""
        changes: dict[str, int] = {}
        for name in asdict(self):
            text = environment.get(variable_for(name), "")
            if not text:
                continue
            if not text.isdigit() or not 0 < int(text) < 65536:
                raise StackError(f"{variable_for(name)}={text} is not a port number (1 to 65535)")
            changes[name] = int(text)
        return replace(self, **changes)


def variable_for(name: str) -> str:
    """The environment variable which changes the port `name`."""
    return "PORT" if name == "http" else f"PORT_{name.upper()}"


def is_free(port: int) -> bool:
    """Whether a server could listen on the port on 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def require_free(name: str, port: int, server: str) -> None:
    """Raise a StackError which names the port, the server which wants it, its holder and the way out."""
    if is_free(port):
        return
    raise StackError(
        f"port {port} ({server}) is taken{_by_whom(port)}: stop that, or choose another, "
        f"for example: make up {variable_for(name)}={port + 10 if port < 65000 else 18000}"
    )


def _by_whom(port: int) -> str:
    """' by PID (NAME)' of the listener when /proc tells, else an empty string."""
    inode = _listening_inode(port)
    if inode is None:
        return ""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # not ours to look at, or gone meanwhile
            if any(_target(link) == f"socket:[{inode}]" for link in (folder / "fd").iterdir()):
                name = (folder / "comm").read_text(encoding="utf-8", errors="replace").strip()
                return f" by process {folder.name} ({name})"
    return ""


def _target(link: Path) -> str:
    """Where a link of /proc/…/fd leads; the one of the listing itself is gone by now."""
    try:
        return str(link.readlink())
    except OSError:
        return ""


def _listening_inode(port: int) -> str | None:
    """The inode of the socket which listens on the port, from /proc/net/tcp and tcp6."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = [line.split() for line in Path(table).read_text(encoding="ascii").splitlines()]
        except OSError:
            continue
        for row in rows[1:]:
            if row[3] == "0A" and int(row[1].rsplit(":", 1)[1], 16) == port:
                return row[9]
    return None
