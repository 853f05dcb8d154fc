"""Fault points: named places where the tests make a process die, stall or fail. Disabled outside SEATRUSH_MODE=test."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path


class InjectedError(Exception):
    """Raised by a fault point that was told to fail."""


class Faults:
    """`hit(name)` does what the file `<run_dir>/faults/<name>` says: "kill", "error" or "sleep <seconds>".

    A file is consumed by the first process that meets it, so one fault happens once, unless it ends with "always".
    """

    def __init__(self, run_dir: Path, *, enabled: bool) -> None:
        self._folder = run_dir / "faults" if enabled else None

    def hit(self, name: str) -> None:
        """Nothing at all unless the tests enabled fault points."""
        if self._folder is not None:
            self._obey(self._folder / name)

    def _obey(self, order: Path) -> None:
        try:
            words = order.read_text().split()
            if "always" not in words:
                order.unlink()
        except FileNotFoundError:
            return
        if words[0] == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if words[0] == "sleep":
            time.sleep(float(words[1]))
        if words[0] == "error":
            raise InjectedError(order.name)
