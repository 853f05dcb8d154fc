"""What a drill breaks, loads and looks into: a running system, its students, and this process's own clients of its servers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from app.admission.engine import Engine
from app.demo import seed_demo
from app.extensions.services import Services
from app.offerings import build_engine
from migrations import upgrade
from ops.clients import settings_of, student_tokens
from ops.drills.crowd import Address, Student
from ops.drills.lectures import open_lecture
from ops.stack import Stack, StackConfig, StackError
from ops.stack.service import Service

WHOLE_WITHIN_S = 60.0
TOKEN_TTL_S = 4 * 3600
# Of two lectures one is soon full and has a line; the other has seats for all.
SIZES = ((50, 30), (100_000, 0))


@dataclass
class Site:
    """One host. `prefix` runs a command where its clients are; nothing here."""

    stack: Stack
    services: Services
    engine: Engine
    students: list[Student]
    prefix: tuple[str, ...] = ()

    @property
    def address(self) -> Address:
        """Where browsers go."""
        return "127.0.0.1", self.stack.config.ports.http

    def service(self, name: str) -> Service:
        """The one that matters: of several the primary, the leader, the writer."""
        return self.stack.service(name)

    def lectures(self) -> list[int]:
        """New ones, open for an hour."""
        return [open_lecture(self.services, self.engine, capacity, line) for capacity, line in SIZES]

    def whole(self) -> bool:
        """Everything runs and answers, and Redis may judge again."""
        services = [self.stack.service(name) for name in (*self.stack.servers, *self.stack.programs)]
        return all(one.state == "RUNNING" and one.ready() is None for one in services) and self._gate_open()

    def wait_whole(self, within: float = WHOLE_WITHIN_S) -> float:
        """Seconds until it is whole by itself. Raises StackError."""
        begun = monotonic()
        while not self._seems_whole():
            if monotonic() - begun > within:
                raise StackError(f"the system is not whole after {within:.0f} s")
            sleep(0.1)
        return monotonic() - begun

    def _gate_open(self) -> bool:
        store = self.engine.store
        epoch, run = store.stored_fence()
        return 0 < epoch == self.engine.epochs.learn() and run == store.run_id() and not store.draining()

    def _seems_whole(self) -> bool:
        try:
            return self.whole()
        except Exception:
            return False  # a server that is still away


@contextmanager
def one_host(folder: Path, *, students: int, keep: bool = False) -> Iterator[Site]:
    """A private stack with a demo campus, begun afresh in `folder`; stopped and removed at the end unless `keep`."""
    stack = Stack(StackConfig.for_folder(folder, name="drill", mode="demo"))
    stack.down()
    shutil.rmtree(folder, ignore_errors=True)
    try:
        stack.up()
        settings = settings_of(stack)
        upgrade(settings.database_url)
        services = Services.for_process(settings)
        seed_demo(services, students=students)
        stack.start_programs()
        services.start()
        people = [Student(*one) for one in student_tokens(services, ttl_seconds=TOKEN_TTL_S)]
        site = Site(stack, services, build_engine(services), people)
        site.wait_whole()
        yield site
        services.close()
    finally:
        stack.down()
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
