"""The database's cluster: what MariaDB's options say of it, how a member starts, and the way to the one that is written to."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path

from ops.stack.accounts import account_for, give
from ops.stack.cluster import Cluster
from ops.stack.config import StackConfig
from ops.stack.environment import DATABASE, DATABASE_USER
from ops.stack.errors import NotReadyError
from ops.stack.packages import SYSTEM_PATH, find_binary
from ops.stack.ports import LOOPBACK
from ops.stack.rendering import TEMPLATES, ConfigFile, render
from ops.stack.servers.base import Process, Server, ask, in_cluster

# Each member makes its accounts itself: at its start it has no cluster yet that it could tell.
SESSION = "SET SESSION wsrep_on = OFF;\n"
# From a member's death until the others have agreed that it is gone, on a machine that has much to do. Less than the patience
# of the watchdog (watchdog/database.py), which would begin the cluster among those that are up.
SETTLED_S = 5
ENVIRONMENT = {"PATH": SYSTEM_PATH}  # its copying script calls rsync, lsof and ss


def options(config: StackConfig, cluster: Cluster) -> str:
    """The [mariadbd] lines of a member."""
    ports = config.ports
    return render(
        TEMPLATES / "galera.cnf.tmpl",
        name=cluster.name,
        host=cluster.own.name,
        address=cluster.own.address,
        members=",".join(f"{peer.address}:{ports.galera}" for peer in cluster.peers),
        port=ports.galera,
        copy=ports.galera_copy,
        changes=ports.galera_changes,
    )


def accounts(config: StackConfig) -> str:
    """Statements for the application's account as the other hosts' HAProxies come with it; none without a cluster."""
    if config.cluster is None:
        return ""
    password = config.secrets.read("database")
    lines = []
    for peer in config.cluster.peers:
        account = f"'{DATABASE_USER}'@'{peer.address}'"
        lines += [
            f"CREATE USER IF NOT EXISTS {account} IDENTIFIED BY '{password}';",
            f"ALTER USER {account} IDENTIFIED BY '{password}';",
            f"GRANT ALL PRIVILEGES ON `{DATABASE}%`.* TO {account};",
        ]
    return "\n".join(lines) + "\n"


def script(config: StackConfig) -> Path:
    """What starts a member."""
    return config.etc("mariadb") / "start.sh"


def wish(config: StackConfig) -> Path:
    """A file that asks the next start to begin the cluster anew, in a folder which the server's account may write."""
    return config.data("mariadb-tmp") / "begin-cluster"


@dataclass(frozen=True)
class Position:
    """How far a stopped member's data has come."""

    recovers: bool  # it was killed as a member and will look for the others of that time by itself
    rank: tuple[bool, int]  # compared with the others', the greatest has the newest data


def position(data: Path) -> Position:
    """Read from what a member leaves in its data folder; one that never ran comes last."""
    try:
        lines = (data / "grastate.dat").read_text(encoding="ascii").splitlines()
    except OSError:
        lines = []
    state = dict(line.split(":", 1) for line in lines if ":" in line)
    rank = (state.get("safe_to_bootstrap", "0").strip() == "1", int(state.get("seqno", "-2")))
    return Position((data / "gvwstate.dat").exists(), rank)


def begin_cluster(config: StackConfig) -> None:
    """Have this host's next start begin the cluster: the very first start, or after all stopped, where the data is newest."""
    path = wish(config)
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    path.touch()
    give(path.parent, account_for("mysql", config.data("mariadb")))


def forget_wish(config: StackConfig) -> None:
    """No start that is still to come begins the cluster."""
    wish(config).unlink(missing_ok=True)


def start_script(config: StackConfig, account: str | None) -> ConfigFile:
    """Recovers the position after a crash, and begins the cluster when that is wished."""
    cluster = in_cluster(config)
    text = render(
        TEMPLATES / "galera-start.sh.tmpl",
        server=find_binary("mariadbd"),
        options=config.etc("mariadb") / "my.cnf",
        data=config.data("mariadb"),
        recovery=config.data("mariadb-tmp") / "recovery.log",
        wish=wish(config),
        others=" ".join(peer.address for peer in cluster.peers if peer != cluster.own),
        port=config.ports.galera,
        settled=SETTLED_S,
    )
    return ConfigFile(script(config), text, mode=0o755, account=account)


class GaleraCheck(Server):
    """Says over HTTP whether this host's MariaDB may be written to; every host's HAProxy asks."""

    name = "galera_check"

    def process(self) -> Process:
        config = self.config
        arguments = [
            str(config.sockets / "mariadb" / "mariadb.sock"),
            config.address,
            str(config.ports.database_check),
            str(config.secrets.path("database")),
        ]
        command = [str(config.python), "-m", "ops.stack.galera_check", *arguments]
        return Process(command, str(config.root), {"PYTHONPATH": str(config.repository)})

    def probe(self) -> None:
        answer = ask(self.config.ports.database_check, b"GET / HTTP/1.0\r\n\r\n", address=self.config.address)
        if not answer.startswith(b"HTTP/"):
            raise NotReadyError(answer[:80].decode("ascii", "replace"))

    def ports(self) -> dict[str, int]:
        return {"database_check": self.config.ports.database_check}

    @property
    def address(self) -> str:
        return f"http://{self.config.address}:{self.config.ports.database_check}"


class HAProxy(Server):
    """The door to the database for this host's programs, on loopback."""

    name = "haproxy"

    def files(self) -> list[ConfigFile]:
        config, cluster = self.config, in_cluster(self.config)
        text = render(
            TEMPLATES / "haproxy.cfg.tmpl",
            socket=config.sockets / "haproxy.sock",
            port=config.ports.database,
            check=config.ports.database_check,
            members=_members(cluster, config.ports.mariadb),
        )
        return [ConfigFile(config.etc("haproxy") / "haproxy.cfg", text)]

    def process(self) -> Process:
        options = self.config.etc("haproxy") / "haproxy.cfg"
        return Process([find_binary("haproxy"), "-db", "-f", str(options)], folder=str(self.config.root))

    def probe(self) -> None:
        # MariaDB speaks first; HAProxy alone would take the connection and close it.
        try:
            with socket.create_connection((LOOPBACK, self.config.ports.database), timeout=2) as connection:
                greeting = connection.recv(64)
        except OSError as error:
            raise NotReadyError(f"port {self.config.ports.database}: {error}") from error
        if len(greeting) < 5:
            raise NotReadyError("no member of the database's cluster may be written to")

    def ports(self) -> dict[str, int]:
        return {"database": self.config.ports.database}

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.config.ports.database}"


def _members(cluster: Cluster, port: int) -> str:
    servers = [f"    server {peer.name} {peer.address}:{port} check" for peer in cluster.peers]
    backups = [servers[0], *(f"{server} backup" for server in servers[1:])]
    # Not the last: whoever is served while it comes back is served by a better one.
    return "\n".join([*(f"{line} on-marked-up shutdown-backup-sessions" for line in backups[:-1]), backups[-1]])
