"""The wire between the hosts: a bridge in a namespace of its own, and a cable to each host."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass

from ops.lab.errors import LabError
from ops.lab.hosts import Host
from ops.stack.packages import find_binary

BRIDGE = "wire"


@dataclass(frozen=True)
class Network:
    """Every method acts in the namespace of the switch or of a host: the machine's own network is never touched."""

    switch: Host
    interface: str = "eth0"  # what a host calls its end

    def lay(self) -> None:
        """Make the bridge. It forwards at once: no spanning tree waits for a loop that can't be."""
        self._ip(self.switch, "link", "add", BRIDGE, "type", "bridge", "forward_delay", "0", "stp_state", "0")
        self._ip(self.switch, "link", "set", BRIDGE, "up")

    def plug(self, host: Host, number: int, address: str, prefix: int) -> None:
        """A cable from the bridge to the host, which gets the address."""
        # The same hardware address after each boot: the others would send to the old one for as long as they remember it.
        mac = f"02:5e:a7:00:00:{number:02x}"
        near = ["type", "veth", "peer", "name", self.interface, "address", mac, "netns", str(host.init.number)]
        self._ip(self.switch, "link", "add", host.name, *near)
        self._ip(self.switch, "link", "set", host.name, "master", BRIDGE, "up")
        self._ip(host, "address", "add", f"{address}/{prefix}", "dev", self.interface)
        self._ip(host, "link", "set", self.interface, "up")

    def cut(self, host: Host) -> None:
        """Pull the cable at the switch."""
        self._ip(self.switch, "link", "set", host.name, "down")

    def mend(self, host: Host) -> None:
        """Put the cable back."""
        self._ip(self.switch, "link", "set", host.name, "up")

    def addresses(self, host: Host) -> list[str]:
        """The host's IPv4 addresses on the wire: its own, and the virtual one while it holds it."""
        shown = self._ip(host, "-json", "-4", "address", "show", "dev", self.interface)
        return [entry["local"] for link in json.loads(shown) for entry in link.get("addr_info", [])]

    def _ip(self, host: Host, *arguments: str) -> str:
        # Only the network namespace: `netns NUMBER` is looked up in the caller's PID namespace.
        command = host.command(find_binary("ip"), *arguments, only=("net",))
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise LabError(f"{host.name}: ip {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout
