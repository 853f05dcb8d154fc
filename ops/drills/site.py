"""What a drill breaks, loads and looks into: a running system with a demo campus."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Protocol

from app.demo import seed_demo
from app.extensions.services import Services
from app.offerings import build_engine
from migrations import upgrade
from ops.clients import settings_of
from ops.drills.books import Books
from ops.drills.connection import Address
from ops.drills.inside import Inside
from ops.drills.mended import mended
from ops.drills.offerings import Offerings
from ops.drills.wishes import Student
from ops.stack import Stack, StackConfig, StackError
from ops.stack.processes import Pid
from ops.stack.servers.rabbitmq import RabbitMQ, control

WHOLE_WITHIN_S = 90.0


class Breakable(Protocol):
    """One service, to break and to mend."""

    def kill(self, *, stay_down: bool = False) -> None:
        """SIGKILL; its supervisor starts it again unless `stay_down`."""

    def pause(self) -> None:
        """It holds its connections and answers nothing."""

    def resume(self) -> None:
        """It goes on."""

    def start(self) -> None:
        """What stayed down."""

    def processes(self) -> Sequence[object]:
        """Those it has now; none while it is down."""


class Ledgers(Protocol):
    """See `Books`."""

    def offerings(self) -> Offerings: ...

    def wrong(self, path: Path, offerings: Offerings) -> list[str]: ...


class Site(Protocol):
    """Where a drill takes place."""

    @property
    def address(self) -> Address:
        """Where browsers go."""

    @property
    def prefix(self) -> tuple[str, ...]:
        """A command that runs another one where clients are."""

    def inside(self) -> dict[str, Inside]:
        """Every host by its name."""

    @property
    def students(self) -> list[Student]:
        """Who may come."""

    @property
    def books(self) -> Ledgers:
        """The truth."""

    @property
    def undo(self) -> ExitStack:
        """What heals everything that was broken; a drill that breaks something adds to it."""

    @property
    def shown(self) -> tuple[Path, ...]:
        """Folders of the reports that its own operators' pages show."""

    def processes(self) -> list[Pid]:
        """All of the system's, by their numbers out here."""

    def service(self, name: str) -> Breakable:
        """The one that matters: of several the primary, the leader, the writer."""

    def broker_of_claims(self) -> Callable[..., object]:
        """`rabbitmqctl` at the broker that leads the claims' queues: call it with the words. It raises StackError."""

    def empty_redis(self) -> None:
        """Everything that Redis holds is gone."""

    def mended(self) -> int:
        """How many counters were mended so far (see `mended`), of all hosts."""

    def wait_whole(self) -> float:
        """Seconds until everything runs, answers, and Redis may judge again. Raises StackError."""


@dataclass
class OneHost:
    """A stack on this machine, and this process's own clients of its servers."""

    stack: Stack
    services: Services
    books: Books
    students: list[Student]
    prefix: tuple[str, ...] = ()
    shown: tuple[Path, ...] = ()  # it is gone before anybody could look
    undo: ExitStack = field(default_factory=ExitStack)

    @property
    def address(self) -> Address:
        return "127.0.0.1", self.stack.config.ports.http

    def inside(self) -> dict[str, Inside]:
        return {"host": Inside((), self.stack.environment())}

    def processes(self) -> list[Pid]:
        names = [*self.stack.servers, *self.stack.programs]
        return [pid for name in names for pid in self.stack.service(name).processes()]

    def service(self, name: str) -> Breakable:
        return self.stack.service(name)

    def broker_of_claims(self) -> Callable[..., object]:
        return self._rabbitmqctl

    def _rabbitmqctl(self, *words: str) -> None:
        server = self.stack.servers["rabbitmq"]
        assert isinstance(server, RabbitMQ)  # noqa: S101 - by its name
        done = subprocess.run(control(server, *words), check=False, capture_output=True, text=True)
        if done.returncode != 0:
            raise StackError(f"rabbitmqctl {' '.join(words)}: {done.stderr.strip()}")

    def empty_redis(self) -> None:
        self.services.redis.flushall()

    def mended(self) -> int:
        return len(mended(self.stack.config.logs))

    def wait_whole(self) -> float:
        begun = monotonic()
        services = [self.stack.service(name) for name in (*self.stack.servers, *self.stack.programs)]
        while not all(one.state == "RUNNING" and one.ready() is None for one in services):
            if monotonic() - begun > WHOLE_WITHIN_S:
                raise StackError(f"the system is not whole after {WHOLE_WITHIN_S:.0f} s")
            sleep(0.1)
        if not self.books.wait_open(WHOLE_WITHIN_S):
            raise StackError(f"Redis is not open after {WHOLE_WITHIN_S:.0f} s")
        return monotonic() - begun


@contextmanager
def one_host(folder: Path, *, students: int, claims_at_once: int | None = None) -> Iterator[OneHost]:
    """A private stack with a demo campus, begun afresh in `folder`; stopped and removed at the end."""
    stack = Stack(StackConfig.for_folder(folder, name="drill", mode="demo", claims_at_once=claims_at_once))
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
        books = Books(services, build_engine(services))
        site = OneHost(stack, services, books, books.students())
        site.wait_whole()
        yield site
        services.close()
    finally:
        stack.down()
        shutil.rmtree(folder, ignore_errors=True)
