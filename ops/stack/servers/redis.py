"""Redis: append-only file every second, no snapshots, never evicts; unix socket and loopback port, password."""

from __future__ import annotations

import socket
from pathlib import Path

from ops.stack.errors import NotReadyError
from ops.stack.packages import find_binary
from ops.stack.ports import LOOPBACK
from ops.stack.rendering import TEMPLATES, ConfigFile, render
from ops.stack.servers.base import Process, Server


class Redis(Server):
    """The admission gate's store. Runs as the caller."""

    name = "redis"

    @property
    def socket(self) -> Path:
        """The unix socket, for the caller's account only."""
        return self.config.sockets / "redis.sock"

    def files(self) -> list[ConfigFile]:
        text = render(
            TEMPLATES / "redis.conf.tmpl",
            port=self.config.ports.redis,
            socket=self.socket,
            data=self.config.data("redis"),
            password=self.config.secrets.read("redis"),
        )
        return [ConfigFile(self.config.etc("redis") / "redis.conf", text, mode=0o600)]

    def prepare(self) -> None:
        self.config.data("redis").mkdir(mode=0o700, parents=True, exist_ok=True)

    def process(self) -> Process:
        options = self.config.etc("redis") / "redis.conf"
        return Process([find_binary("redis-server"), str(options)], folder=str(self.config.data("redis")))

    def probe(self) -> None:
        password = self.config.secrets.read("redis").encode()
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(2)
                connection.connect(str(self.socket))
                # Two commands in one write; while the append-only file is read in, PING answers -LOADING.
                connection.sendall(b"AUTH " + password + b"\r\nPING\r\n")
                answer = b""
                while answer.count(b"\r\n") < 2 and (part := connection.recv(1024)):
                    answer += part
        except OSError as error:
            raise NotReadyError(f"{self.socket}: {error}") from error
        if answer != b"+OK\r\n+PONG\r\n":
            raise NotReadyError(answer.decode("ascii", "replace").strip())

    def ports(self) -> dict[str, int]:
        return {"redis": self.config.ports.redis}

    @property
    def address(self) -> str:
        return f"{self.socket} and {LOOPBACK}:{self.config.ports.redis}"
