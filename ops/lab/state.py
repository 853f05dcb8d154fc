"""Which processes the lab's machines are, kept between two commands."""

from __future__ import annotations

import json
from pathlib import Path

from ops.lab.hosts import Host
from ops.stack.processes import Pid, boot_id


class State:
    """A small file; a host's handle is as good as its first process's identity."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: dict[str, Host] = {}  # started by this process, which must wait for their end

    def hosts(self) -> dict[str, Host]:
        """Every machine that was started and not forgotten, alive or not."""
        return {**self._recorded(), **self._known}

    def remember(self, host: Host) -> None:
        """Add it, or put it in the place of the one of that name."""
        self._known[host.name] = host
        hosts = {name: [one.init.number, one.init.started] for name, one in self.hosts().items()}
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps({"boot": boot_id(), "hosts": hosts}, indent=1), encoding="ascii")
        fresh.replace(self._file)

    def forget(self) -> None:
        """All of them."""
        self._known.clear()
        self._file.unlink(missing_ok=True)

    def _recorded(self) -> dict[str, Host]:
        try:
            said = json.loads(self._file.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return {}
        if said["boot"] != boot_id():  # process numbers of another boot of the machine
            return {}
        return {name: Host(name, Pid(*numbers)) for name, numbers in said["hosts"].items()}
