"""Loaded into supervisord: switch a service's automatic restart while it runs (fault tests keep things down)."""

from __future__ import annotations

from typing import Any

from supervisor.datatypes import RestartUnconditionally


class StackInterface:
    """The XML-RPC namespace `stack`."""

    def __init__(self, supervisord: Any) -> None:
        self.supervisord = supervisord

    def setAutorestart(self, name: str, on: bool) -> bool:  # noqa: N802 (supervisor's own naming)
        """Restart the service whenever it exits, or leave it as it fell."""
        process = self.supervisord.process_groups[name].processes[name]
        process.config.autorestart = RestartUnconditionally if on else False
        return True


def make_interface(supervisord: Any, **_settings: str) -> StackInterface:
    """supervisor's factory protocol."""
    return StackInterface(supervisord)
