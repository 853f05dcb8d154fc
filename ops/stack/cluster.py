"""The hosts that share the work: who they are, which one this is, and the address that follows whoever is well.

An inventory is a TOML file; ops/lab/inventory.toml is one, docs/deploy.md says what each line means. Without one, a stack is
alone and its servers listen on loopback.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address
from pathlib import Path
from typing import Any

from ops.stack.errors import StackError


@dataclass(frozen=True)
class Peer:
    """One host of the cluster."""

    number: int  # from 1, for good: ZooKeeper's votes and Keepalived's priorities go by it
    name: str  # must resolve on every host: RabbitMQ's nodes call each other by it
    address: str


@dataclass(frozen=True)
class Cluster:
    """All hosts, as seen from one of them."""

    name: str
    own: Peer
    peers: tuple[Peer, ...]  # all of them, this one too, by number
    vip: str  # the address that people know
    prefix: int  # of the network that all addresses are in
    interface: str

    @property
    def others(self) -> tuple[Peer, ...]:
        """The hosts but this one."""
        return tuple(peer for peer in self.peers if peer != self.own)

    @property
    def nearest_first(self) -> tuple[Peer, ...]:
        """This host, then the others: whom a program asks in which order."""
        return (self.own, *self.others)


@dataclass(frozen=True)
class Inventory:
    """What the file says."""

    name: str
    peers: tuple[Peer, ...]
    vip: str
    prefix: int = 24
    interface: str = "eth0"
    stack: Mapping[str, Any] = field(default_factory=dict)  # settings of StackConfig, the same for each host

    @classmethod
    def read(cls, file: Path) -> Inventory:
        """Read and validate; StackError names what is wrong."""
        try:
            said = tomllib.loads(file.read_text(encoding="utf-8"))
            peers = tuple(Peer(number, **entry) for number, entry in enumerate(said.pop("hosts"), 1))
            inventory = cls(peers=peers, **said)
            inventory._validate()
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise StackError(f"the inventory {file} is not usable: {error}") from error
        return inventory

    def cluster(self, name: str) -> Cluster:
        """The cluster as the named host sees it."""
        own = next((peer for peer in self.peers if peer.name == name), None)
        if own is None:
            raise StackError(f"no host {name!r} in the inventory; there are: {', '.join(p.name for p in self.peers)}")
        return Cluster(self.name, own, self.peers, self.vip, self.prefix, self.interface)

    def hosts_file(self) -> str:
        """Lines for /etc/hosts."""
        return "".join(f"{peer.address} {peer.name}\n" for peer in self.peers)

    def _validate(self) -> None:
        if len(self.peers) < 3 or len(self.peers) % 2 == 0:
            raise ValueError("an odd number of hosts, at least 3: a majority must be left when one is lost")
        for address in (self.vip, *(peer.address for peer in self.peers)):
            try:
                IPv4Address(address)
            except AddressValueError as error:
                raise ValueError(f"{address} is no IPv4 address") from error
        for what in ("name", "address"):
            if len({getattr(peer, what) for peer in self.peers}) != len(self.peers):
                raise ValueError(f"two hosts have the same {what}")
        if any(not peer.name.isalnum() for peer in self.peers):
            raise ValueError("a host's name has letters and digits only")
