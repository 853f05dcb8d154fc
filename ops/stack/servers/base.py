"""What the stack needs to know of a server or program: its files, its command, and how to see that it answers."""

from __future__ import annotations

import shlex
import socket
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ops.stack.cluster import Cluster
from ops.stack.config import StackConfig
from ops.stack.errors import NotReadyError, StackError
from ops.stack.ports import LOOPBACK
from ops.stack.processes import Pid
from ops.stack.rendering import ConfigFile


@dataclass(frozen=True)
class Process:
    """How supervisor runs it: a foreground command."""

    command: list[str]
    folder: str
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    stop_signal: str = "TERM"
    stop_group: bool = False  # send the stop signal to the whole process group, not only the leader
    stop_wait: int = 20  # seconds before SIGKILL

    @property
    def command_line(self) -> str:
        """The command as one shell-quoted line."""
        return shlex.join(self.command)


class Server(ABC):
    """One service of the stack. `files` and `process` are pure; `prepare` may touch the disk."""

    name: str
    requires: tuple[str, ...] = ()  # services which must answer before this one starts
    ready_timeout: float = 120.0
    reload_signal: str | None = None  # a changed configuration is taken over by this signal, without a restart

    def __init__(self, config: StackConfig) -> None:
        self.config = config

    def files(self) -> list[ConfigFile]:
        """The rendered configuration; a change of any file restarts (or reloads) this service only."""
        return []

    def watched(self) -> str:
        """Further text which belongs to the configuration but is written by somebody else."""
        return ""

    def prepare(self) -> None:  # noqa: B027 (most need nothing)
        """Make folders and first data; called before each start, must keep what is there."""

    @abstractmethod
    def process(self) -> Process:
        """The foreground process."""

    @abstractmethod
    def probe(self) -> None:
        """Return when it answers in its own protocol, raise NotReadyError when it doesn't."""

    def check(self) -> None:  # noqa: B027 (most can't tell)
        """Raise StackError when the rendered configuration can't work; called before a reload."""

    def reloaded(self, old: Iterable[Pid]) -> bool:
        """Whether, after a reload, none of the processes from before it takes new work."""
        return True

    def ports(self) -> dict[str, int]:
        """The ports which it listens on, by their names in `Ports`."""
        return {}

    @property
    @abstractmethod
    def address(self) -> str:
        """Where it listens, for people."""


def in_cluster(config: StackConfig) -> Cluster:
    """The cluster of a server that only a cluster has."""
    if config.cluster is None:
        raise StackError(f"{config.name} is in no cluster")
    return config.cluster


def ask(port: int, request: bytes, timeout: float = 2.0, address: str = LOOPBACK) -> bytes:
    """Send a line to a port and read until it closes or pauses; NotReadyError when it can't be reached."""
    try:
        with socket.create_connection((address, port), timeout=timeout) as connection:
            connection.sendall(request)
            return connection.recv(65536)
    except OSError as error:
        raise NotReadyError(f"port {port}: {error}") from error
