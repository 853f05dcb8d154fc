"""The whole lab: three hosts and a client on one wire, and Seatrush on the hosts, by the commands that a real host has."""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from ipaddress import IPv4Interface
from pathlib import Path
from typing import TypeVar

from ops.lab.errors import LabError
from ops.lab.hosts import Host
from ops.lab.network import Network
from ops.lab.state import State
from ops.stack import processes
from ops.stack.__main__ import host_config
from ops.stack.certificate import FILES, SelfSigned, is_real, names_of
from ops.stack.cluster import Inventory
from ops.stack.config import REPOSITORY, StackConfig
from ops.stack.processes import Pid
from ops.stack.secrets import NAMES, Secrets
from ops.stack.servers import galera
from ops.stack.servers.base import Server
from ops.stack.service import Service
from ops.stack.stack import Stack
from ops.stack.supervisor import Supervisor

log = logging.getLogger("ops.lab")
INVENTORY = Path(__file__).with_name("inventory.toml")
CLIENT = "client"  # where load comes from; its address is the network's last
CLIENT_NUMBER = 250
SWITCH = "switch"
T = TypeVar("T")


class HostService(Service):
    """A service of a host. Its supervisor says the numbers that the host knows: out here they are somebody else's."""

    def __init__(self, server: Server, supervisor: Supervisor, outside: Callable[[], list[Pid]]) -> None:
        super().__init__(server, supervisor)
        self._outside = outside

    def processes(self) -> list[Pid]:
        return self._outside()


class Lab:
    """One lab, all of it below `root`. Every method may be called again: what is right is left alone."""

    def __init__(self, root: Path, inventory: Path = INVENTORY) -> None:
        self.root = root.resolve()
        self.inventory_file = inventory.resolve()
        self.inventory = Inventory.read(inventory)
        self.names = tuple(peer.name for peer in self.inventory.peers)
        self._state = State(self.root / "hosts.json")

    # -- all of it --------------------------------------------------------------------------------------------

    def up(self, students: int = 3000) -> None:
        """Machines, servers, tables and campus, programs."""
        self.up_servers()
        log.info("tables and campus / 建表和演示数据 …")
        self.stack(self.names[0], "setup", "--students", str(students))
        log.info("programs / 程序 …")
        self.each(lambda name: self.stack(name, "programs"))

    def up_servers(self) -> None:
        """Machines, and the servers on them, healthy as clusters."""
        with self._lock():
            self._power_on()
        log.info("servers on %s / 服务器 …", ", ".join(self.names))
        first = self._beginner()
        self.each(lambda name: self.stack(name, "servers", *(["--first"] if name == first else [])))

    def down(self) -> None:
        """Stop everything the proper way, then take the power away; nothing is left but the data."""
        with self._lock():
            hosts = self._state.hosts()
            running = [name for name in self.names if name in hosts and hosts[name].alive]
            try:
                self.each(lambda name: self.stack(name, "down"), running)
            finally:
                for name in (*self.names, CLIENT, SWITCH):
                    if name in hosts:
                        hosts[name].power_off()
                self._state.forget()

    def bring_back(self, name: str) -> None:
        """Give a host its power back, and start what ran on it."""
        self.power_on(name)
        self.stack(name, "servers")
        self.stack(name, "programs")

    # -- one host ---------------------------------------------------------------------------------------------

    def host(self, name: str) -> Host:
        """The running machine of that name (the client and the switch too)."""
        found = self._state.hosts().get(name)
        if found is None or not found.alive:
            raise LabError(f"{name} is off (make lab)")
        return found

    @property
    def network(self) -> Network:
        """The wire."""
        return Network(self.host(SWITCH), self.inventory.interface)

    def config(self, name: str) -> StackConfig:
        """The stack of a host."""
        return host_config(self.inventory, name, self.root / name)

    def stack(self, name: str, command: str, *options: str, check: bool = True) -> str:
        """Run `python -m ops.stack COMMAND` on the host; returns what it printed."""
        where = ["--root", str(self.root / name), "--inventory", str(self.inventory_file), "--host", name]
        python = [sys.executable, "-m", "ops.stack"]
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
        return self.host(name).run(*python, *where, command, *options, check=check, env=environment).stdout

    def service(self, name: str, service: str) -> Service:
        """A handle on one service of a host; what it does to processes it does by their numbers out here."""
        inside = Stack(self.config(name)).service(service)
        return HostService(inside.server, inside.supervisor, lambda: self.processes(name, service))

    def processes(self, name: str, service: str) -> list[Pid]:
        """The processes of a host's service by their numbers out here, to break them; none while it is down."""
        inner = Stack(self.config(name)).service(service).pid
        leader = self.host(name).outside(inner) if inner else None
        return processes.tree([leader.number]) if leader else []

    def power_on(self, name: str) -> Host:
        """Give a host its power (back); what ran on it is started by `stack(name, "servers")` and so on."""
        root = self.root / name
        volatile = root / "run"
        volatile.mkdir(parents=True, exist_ok=True)
        self._share_secrets(self.config(name))
        host = Host.boot(name, hosts=self._hosts_file(), volatile=[volatile])
        try:
            peer = self.inventory.cluster(name).own
            self.network.plug(host, peer.number, peer.address, self.inventory.prefix)
            self._state.remember(host)
        except BaseException:
            host.power_off()
            raise
        return host

    def holder(self) -> str | None:
        """The host which has the virtual address; the first one if there are several, None if there is none."""
        return next(iter(self.holders()), None)

    def holders(self) -> list[str]:
        """All that have it: one, but for moments."""
        network = self.network
        return [name for name in self.names if self._holds(network, name)]

    def each(self, work: Callable[[str], T], names: Iterable[str] | None = None) -> dict[str, T]:
        """Do it for all hosts at once; the first failure is raised when all have ended."""
        chosen = list(self.names if names is None else names)
        if not chosen:
            return {}
        with ThreadPoolExecutor(len(chosen)) as pool:
            return dict(zip(chosen, pool.map(work, chosen), strict=True))

    # -- how it is done ---------------------------------------------------------------------------------------

    def _power_on(self) -> None:
        hosts = {name: host for name, host in self._state.hosts().items() if host.alive}
        if SWITCH not in hosts:
            for host in hosts.values():  # without the switch they reach nobody
                host.power_off()
            hosts = {}
            self._boot_switch()
        if CLIENT not in hosts:
            self._boot_client()
        for name in self.names:
            if name not in hosts:
                self.power_on(name)

    def _boot_switch(self) -> None:
        switch = Host.boot(SWITCH, hosts=self._hosts_file())
        self._state.remember(switch)
        self.network.lay()

    def _boot_client(self) -> None:
        client = Host.boot(CLIENT, hosts=self._hosts_file())
        self._state.remember(client)
        wire = IPv4Interface(f"{self.inventory.vip}/{self.inventory.prefix}").network
        self.network.plug(client, CLIENT_NUMBER, str(wire[-2]), self.inventory.prefix)

    def _beginner(self) -> str | None:
        """Who begins the database's cluster; None when it stands, or finds itself again after a crash of all."""
        positions = {name: galera.position(self.config(name).data("mariadb")) for name in self.names}
        # Killed as members, a majority finds itself again (or runs); a single one may have been down before the others stopped.
        if sum(position.recovers for position in positions.values()) > len(positions) // 2:
            return None
        return max(self.names, key=lambda name: (positions[name].rank, -self.names.index(name)))

    def _share_secrets(self, config: StackConfig) -> None:
        """The same on every host, the certificate too: a client that trusts it does so when the address has moved."""
        shared, target = Secrets(self.root / "secrets"), config.secrets.folder
        files = [shared.path(name) for name in NAMES]
        if not is_real(config):
            SelfSigned(shared.folder, names_of(config)).ensure()
            files += [shared.folder / name for name in FILES]
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        for file in files:
            shutil.copy2(file, target / file.name)

    def _hosts_file(self) -> Path:
        file = self.root / "hosts"
        file.write_text(f"127.0.0.1 localhost\n::1 localhost\n{self.inventory.hosts_file()}", encoding="ascii")
        return file

    def _holds(self, network: Network, name: str) -> bool:
        host = self._state.hosts().get(name)
        return host is not None and host.alive and self.inventory.vip in network.addresses(host)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """One `up` or `down` at a time."""
        self.root.mkdir(mode=0o755, parents=True, exist_ok=True)
        with (self.root / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
