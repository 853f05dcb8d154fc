"""What a host's kernel does to its packets while a fault lasts: nftables rules of a table of our own, in its namespace."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from ops.lab.errors import LabError
from ops.lab.hosts import Host
from ops.stack.packages import find_binary

OURS = "seatrush_fault"
# Of what is sent by the process that holds others up: it must reach the real server.
MARK = 0x5EA7


@dataclass(frozen=True)
class Filters:
    """The rules of one host. Each kind is set once; `clear` takes all of them away."""

    host: Host
    interface: str = "eth0"

    def part(self, others: Sequence[str], ports: Sequence[int] = ()) -> None:
        """Cut it from these addresses, both ways: wholly, or what has one of these TCP ports at either end."""
        there = f"{{ {', '.join(others)} }}"
        ends = [f"tcp {end} {{ {', '.join(map(str, ports))} }} " for end in ("sport", "dport")] if ports else [""]
        self._set(
            f"""table inet {OURS}_part {{
            chain from {{ type filter hook input priority 0; {self._each(f"ip saddr {there} ", ends)} }}
            chain to {{ type filter hook output priority 0; {self._each(f"ip daddr {there} ", ends)} }}
            }}"""
        )

    def lose(self, percent: int) -> None:
        """So many of a hundred packets never arrive."""
        self._set(
            f"""table netdev {OURS}_loss {{
            chain in {{
                type filter hook ingress device "{self.interface}" priority 0; numgen random mod 100 < {percent} drop;
            }}
            }}"""
        )

    def detour(self, address: str, port: int, by: int) -> None:
        """What goes to that server goes by a local port; connections that are open are cut, as they know the old way."""
        self._set(
            f"""table ip {OURS}_detour {{
            chain to {{
                type nat hook output priority -100;
                ip daddr {address} tcp dport {port} meta mark != {MARK} redirect to :{by};
            }}
            }}"""
        )
        self._run("ss", "--kill", "--tcp", "dst", address, "dport", "=", f":{port}")

    def clear(self) -> None:
        """As if nothing had been."""
        for family, name in (("inet", "part"), ("netdev", "loss"), ("ip", "detour")):
            # `destroy` is younger than some kernels: what was made anew can be deleted.
            self._set(f"table {family} {OURS}_{name} {{ }}\ndelete table {family} {OURS}_{name}")

    def _each(self, what: str, ends: Sequence[str]) -> str:
        return " ".join(f"{what}{end}drop;" for end in ends)

    def _set(self, rules: str) -> None:
        self._run("nft", "--file", "-", said=rules)

    def _run(self, program: str, *words: str, said: str = "") -> None:
        command = self.host.command(find_binary(program), *words, only=("net",))
        done = subprocess.run(command, input=said, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise LabError(f"{self.host.name}: {program}: {done.stderr.strip()}")
