"""The program of the host's watchdogs (`ops.stack.watchdog`); a cluster's hosts have it."""

from __future__ import annotations

from ops.stack.packages import SYSTEM_PATH
from ops.stack.rendering import ConfigFile
from ops.stack.servers.base import Process, Server, in_cluster
from ops.stack.watchdog import settings


class Watchdogs(Server):
    """Restarts what runs and does not work, gives an address up that was left behind; needs root, as Keepalived does."""

    name = "watchdog"

    def files(self) -> list[ConfigFile]:
        text = settings.written(self.config, in_cluster(self.config))
        return [ConfigFile(self.config.etc("watchdog") / "settings.json", text)]

    def process(self) -> Process:
        command = [str(self.config.python), "-m", "ops.stack.watchdog"]
        environment = {
            "PATH": SYSTEM_PATH,
            "PYTHONPATH": str(self.config.repository),
            "SEATRUSH_RUN_DIR": str(self.config.run),
        }
        return Process(
            [*command, str(self.config.etc("watchdog") / "settings.json")], str(self.config.root), environment
        )

    def probe(self) -> None:
        """It listens nowhere, and says what it does in its log."""

    @property
    def address(self) -> str:
        return f"logs to {self.config.logs / 'watchdog.log'}"
