"""The whole campus for races and faults: every server and every program, one stack for both folders of tests.

`SEATRUSH_TEST_CAMPUS=<folder>` keeps it there and uses it again in the next run, which saves its start.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.auth.identity import Identity
from app.extensions.services import Services
from app.offerings import build_engine
from migrations import upgrade
from ops.drills.checker import Checker
from ops.stack import Stack, StackConfig
from tests.campus.faults import Faults
from tests.campus.guards import Guards
from tests.campus.loads import Loads
from tests.stacks import folder_of

# As in production, but quick: nobody waits 10 s between two clicks here, and one student may click a lot.
SETTINGS = {
    "SEATRUSH_FAULT_POINTS": "1",
    "SEATRUSH_CLAIM_INTERVAL_MS": "20",
    "SEATRUSH_USER_RATE": "1000",
    "SEATRUSH_USER_BURST": "1000",
    "SEATRUSH_ACCESS_TOKEN_TTL": "36000",
}


class Campus(Loads, Faults, Guards):
    """A running stack, white-box clients of its servers, students, what they ask for, faults, and the checker."""

    def open(self) -> None:
        """Start everything: servers, tables, programs, and the clients of this process."""
        self.stack.up()
        upgrade(self.settings.database_url)
        self._faults.mkdir(exist_ok=True)
        self.clear_faults()
        self.stack.start_programs()
        self.services = Services.for_process(self.settings)
        self.services.start()
        self.engine = build_engine(self.services)
        self._checkers = {kind: Checker(self.services, self.engine, kind) for kind in self.engine.kinds}
        self._tokens = Identity.for_process(self.services).tokens
        self.until(lambda: self.services.zookeeper.connected, "ZooKeeper's session")
        self.until(self.gate_open, "the first epoch")
        self._warned = self._repairs()

    def close(self) -> None:
        """Stop everything."""
        if hasattr(self, "services"):
            self.services.close()
        self.stack.down()


def shared(config: pytest.Config, make_folder: Callable[[], Path]) -> Campus:
    """The one campus of this run, opened by the first test that asks and closed at the end of the run."""
    if _CAMPUS not in config.stash:
        folder, kept = folder_of("SEATRUSH_TEST_CAMPUS", make_folder)
        campus = Campus(Stack(StackConfig.for_folder(folder, name="campus", env_extra=SETTINGS)))
        config.stash[_CAMPUS] = campus
        if not kept:
            config.add_cleanup(campus.close)
        campus.open()
    return config.stash[_CAMPUS]


_CAMPUS: pytest.StashKey[Campus] = pytest.StashKey()
