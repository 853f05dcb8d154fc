"""Redis: nothing on the disk, never evicts; unix socket and port, password."""

from __future__ import annotations

import socket
from pathlib import Path

from ops.stack.cluster import Cluster
from ops.stack.config import StackConfig
from ops.stack.errors import NotReadyError
from ops.stack.packages import SYSTEM_PATH, find_binary
from ops.stack.ports import LOOPBACK
from ops.stack.rendering import TEMPLATES, ConfigFile, render
from ops.stack.servers.base import Process, Server, in_cluster


class Redis(Server):
    """The admission gate's store. Runs as the caller. In a cluster one is the primary, and the others follow it."""

    name = "redis"

    @property
    def socket(self) -> Path:
        """The unix socket, for the caller's account only."""
        return self.config.sockets / "redis.sock"

    def files(self) -> list[ConfigFile]:
        etc, cluster = self.config.etc("redis"), self.config.cluster
        password = self.config.secrets.read("redis")
        text = render(
            TEMPLATES / "redis.conf.tmpl",
            bind=f"{LOOPBACK} {cluster.own.address}" if cluster else LOOPBACK,
            port=self.config.ports.redis,
            socket=self.socket,
            data=self.config.data("redis"),
            password=password,
        )
        if cluster is None:
            return [ConfigFile(etc / "redis.conf", text, mode=0o600)]
        text += render(TEMPLATES / "redis-cluster.conf.tmpl", address=cluster.own.address, password=password)
        return [ConfigFile(etc / "redis.conf", text, mode=0o600), start_script(self.config, cluster)]

    def prepare(self) -> None:
        self.config.data("redis").mkdir(mode=0o700, parents=True, exist_ok=True)

    def process(self) -> Process:
        if self.config.cluster:
            return scripted(self.config, "redis")
        options = self.config.etc("redis") / "redis.conf"
        return Process([find_binary("redis-server"), str(options)], folder=str(self.config.data("redis")))

    def probe(self) -> None:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(2)
                connection.connect(str(self.socket))
                require_pong(connection, self.config.secrets.read("redis"))
        except OSError as error:
            raise NotReadyError(f"{self.socket}: {error}") from error

    def ports(self) -> dict[str, int]:
        return {"redis": self.config.ports.redis}

    @property
    def address(self) -> str:
        return f"{self.socket} and {self.config.address}:{self.config.ports.redis}"


class Sentinel(Server):
    """Watches the cluster's Redis, and with the other hosts' Sentinels makes another the primary when that one is lost."""

    name = "sentinel"

    def files(self) -> list[ConfigFile]:
        config, cluster = self.config, in_cluster(self.config)
        text = render(
            TEMPLATES / "sentinel.conf.tmpl",
            name=cluster.name,
            address=cluster.own.address,
            port=config.ports.sentinel,
            redis=config.ports.redis,
            data=config.data("sentinel"),
            password=config.secrets.read("redis"),
            quorum=len(cluster.peers) // 2 + 1,
            hosts=len(cluster.others),
        )
        return [
            ConfigFile(config.etc("sentinel") / "sentinel.conf", text, mode=0o600),
            start_script(config, cluster),
        ]

    def prepare(self) -> None:
        self.config.data("sentinel").mkdir(mode=0o700, parents=True, exist_ok=True)

    def process(self) -> Process:
        return scripted(self.config, "sentinel")

    def probe(self) -> None:
        try:
            with socket.create_connection((LOOPBACK, self.config.ports.sentinel), timeout=2) as connection:
                require_pong(connection, self.config.secrets.read("redis"))
        except OSError as error:
            raise NotReadyError(f"port {self.config.ports.sentinel}: {error}") from error

    def ports(self) -> dict[str, int]:
        return {"sentinel": self.config.ports.sentinel}

    @property
    def address(self) -> str:
        return f"{self.config.address}:{self.config.ports.sentinel}"


def require_pong(connection: socket.socket, password: str) -> None:
    """NotReadyError with what it answers instead."""
    # Two commands in one write; while a file that was left there is read in, PING answers -LOADING.
    connection.sendall(b"AUTH " + password.encode() + b"\r\nPING\r\n")
    answer = b""
    while answer.count(b"\r\n") < 2 and (part := connection.recv(1024)):
        answer += part
    if answer != b"+OK\r\n+PONG\r\n":
        raise NotReadyError(answer.decode("ascii", "replace").strip())


def start_script(config: StackConfig, cluster: Cluster) -> ConfigFile:
    """What finds out at each start whether this host's Redis is the primary."""
    text = render(
        TEMPLATES / "redis-start.sh.tmpl",
        server=find_binary("redis-server"),
        name=cluster.name,
        address=cluster.own.address,
        sentinels=" ".join(peer.address for peer in (*cluster.others, cluster.own)),
        first=cluster.peers[0].address,
        redis=config.ports.redis,
        sentinel=config.ports.sentinel,
        data=config.data("redis"),
        sentinel_data=config.data("sentinel"),
        options=config.etc("redis") / "redis.conf",
        sentinel_options=config.etc("sentinel") / "sentinel.conf",
    )
    return ConfigFile(config.etc("redis") / "start.sh", text, mode=0o755)


def scripted(config: StackConfig, what: str) -> Process:
    """Run the start script, which becomes the server."""
    # In the environment, as everybody may read a command line.
    environment = {"REDISCLI_AUTH": config.secrets.read("redis"), "PATH": SYSTEM_PATH}
    command = [str(config.etc("redis") / "start.sh"), what]
    return Process(command, folder=str(config.data(what)), environment=environment, stop_group=True)
