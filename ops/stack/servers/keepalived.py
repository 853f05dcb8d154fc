"""Keepalived: the virtual address goes to a host whose Nginx leads through to Flask (templates in `keepalived/`)."""

from __future__ import annotations

from pathlib import Path

from ops.stack.config import REPOSITORY
from ops.stack.packages import SYSTEM_PATH, find_binary
from ops.stack.rendering import ConfigFile, render
from ops.stack.servers.base import Process, Server, in_cluster

TEMPLATES = REPOSITORY / "keepalived"
# Emptied at each boot: with a pid file from before, whose number is somebody else's now, it would refuse to start.
PID_FILES = Path("/run")
# 255 is for who owns the address. A member waits (256 - priority) / 256 of an interval longer than three before it takes over:
# from 100 on that would be a fifth of a second of every outage.
HIGHEST = 254


class Keepalived(Server):
    """One member of the VRRP group; needs root."""

    name = "keepalived"

    def files(self) -> list[ConfigFile]:
        etc, cluster = self.config.etc("keepalived"), in_cluster(self.config)
        text = render(
            TEMPLATES / "keepalived.conf.tmpl",
            host=cluster.own.name,
            check=etc / "check.sh",
            interface=cluster.interface,
            priority=HIGHEST - cluster.own.number,
            address=cluster.own.address,
            peers="\n        ".join(peer.address for peer in cluster.others),
            vip=cluster.vip,
            prefix=cluster.prefix,
        )
        others = " ".join(peer.address for peer in cluster.others)
        check = render(TEMPLATES / "check.sh.tmpl", port=self.config.ports.http, others=others)
        return [ConfigFile(etc / "keepalived.conf", text), ConfigFile(etc / "check.sh", check, mode=0o755)]

    def process(self) -> Process:
        files = {"-p": "keepalived", "-r": "vrrp", "-c": "checkers"}
        command = [find_binary("keepalived"), "-n", "-l", "-D", "-P", "-f", str(self._options)]
        for option, name in files.items():
            command += [option, str(PID_FILES / f"seatrush-{name}.pid")]
        return Process(command, folder=str(self.config.root), environment={"PATH": SYSTEM_PATH})

    def probe(self) -> None:
        """It listens nowhere; whether it has the address depends on the others too."""

    @property
    def _options(self) -> Path:
        return self.config.etc("keepalived") / "keepalived.conf"

    @property
    def address(self) -> str:
        return f"{in_cluster(self.config).vip} by VRRP"
