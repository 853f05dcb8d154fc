"""The lab as the place of a drill: clients in a namespace of their own, and on three hosts the one service that matters."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import orjson

from app.admission.spool import Spool
from app.extensions.broker import claim_queue
from ops.drills.connection import Address
from ops.drills.inside import Inside
from ops.drills.mended import mended
from ops.drills.offerings import Offerings
from ops.drills.site import WHOLE_WITHIN_S
from ops.drills.wishes import Student
from ops.lab.clusters import Clusters
from ops.lab.errors import LabError
from ops.lab.lab import CLIENT, Lab
from ops.stack import processes
from ops.stack.stack import Stack

logger = logging.getLogger(__name__)

SAID_WITHIN_S = 5.0
ANSWERS_WITHIN_S = 240.0  # a broker that does not answer comes back by its watchdog


@dataclass(frozen=True)
class LabService:
    """A service of one host: supervisor is asked over its socket, signals go to its processes by their numbers out here."""

    lab: Lab
    host: str
    name: str

    def kill(self, *, stay_down: bool = False) -> None:
        if stay_down:
            Clusters(self.lab).kill(self.host, self.name)
        elif processes.kill_all(self.processes()):
            raise LabError(f"{self.name} on {self.host} survives SIGKILL")

    def pause(self) -> None:
        if processes.freeze_whole(self.processes):
            raise LabError(f"{self.name} on {self.host} can't be stopped")

    def resume(self) -> None:
        processes.signal_all(self.processes(), signal.SIGCONT)

    def start(self) -> None:
        Clusters(self.lab).start(self.host, self.name)

    def processes(self) -> list[processes.Pid]:
        return self.lab.processes(self.host, self.name)


@dataclass(frozen=True)
class LabBooks:
    """The books, asked on the first host that has power."""

    lab: Lab

    def offerings(self) -> Offerings:
        return Offerings.of(self.ask("offerings"))

    def opened(self, count: int, seats: int) -> list[int]:
        return [int(one) for one in self.ask("opened", str(count), str(seats))]

    def decided(self, lectures: list[int]) -> tuple[int, float]:
        count, last = self.ask("decided", *map(str, lectures))
        return int(count), float(last)

    def wrong(self, path: Path, offerings: Offerings) -> list[str]:
        found = list(self.ask("wrong", str(path), orjson.dumps(offerings).decode()))
        # The host that was asked knows of its own spool only; by now all of them have had their time.
        spools = {name: Spool(self.lab.config(name).root / "spool") for name in self.lab.names}
        return found + [f"the spool of {name} is not empty" for name, spool in spools.items() if not spool.empty()]

    def students(self) -> list[Student]:
        return [Student(one["id"], one["token"]) for one in self.ask("students")]

    def open(self, within: float) -> bool:
        return bool(self.ask("open", str(within)))

    def ask(self, *words: str) -> Any:
        """The answer to `python -m ops.drills books …`. Raises LabError when no host can give it."""
        name = next((name for name in self.lab.names if has_power(self.lab, name)), None)
        if name is None:
            raise LabError("no host has power")
        environment = inside_of(self.lab, name).environment
        done = self.lab.host(name).run(sys.executable, "-m", "ops.drills", "books", *words, env=environment)
        return orjson.loads(done.stdout)


@dataclass(frozen=True)
class LabSite:
    """Three hosts."""

    lab: Lab
    clusters: Clusters
    books: LabBooks
    undo: ExitStack = field(default_factory=ExitStack, compare=False)

    @property
    def address(self) -> Address:
        return self.lab.inventory.vip, 80

    @property
    def prefix(self) -> tuple[str, ...]:
        return tuple(self.lab.host(CLIENT).command())

    def inside(self) -> dict[str, Inside]:
        return {name: inside_of(self.lab, name) for name in self.lab.names if has_power(self.lab, name)}

    @property
    def shown(self) -> tuple[Path, ...]:
        return tuple(self.lab.config(name).root / "drills" for name in self.lab.names)

    @cached_property
    def students(self) -> list[Student]:
        return self.books.students()

    @property
    def first(self) -> str:
        """The host that has the address."""
        return self.lab.holder() or self.lab.names[0]

    def processes(self) -> list[processes.Pid]:
        return [pid for name in self.lab.names for pid in self.lab.host(name).processes()]

    def service(self, name: str) -> LabService:
        return LabService(self.lab, self.host_of(name), name)

    def everywhere(self, name: str) -> list[LabService]:
        """That of every host."""
        return [LabService(self.lab, host, name) for host in self.lab.names]

    def host_of(self, name: str) -> str:
        """The host whose service of that name matters most."""
        names = self.lab.names
        if name in ("nginx", "web", "keepalived"):
            return self.first
        leads: dict[str, Callable[[], str | None]] = {
            "redis": lambda: self.clusters.primary(names[0]),
            "zookeeper": lambda: next((one for one in names if self.clusters.vote(one) == "leader"), None),
            "mariadb": lambda: self.clusters.writer(names[0]),
            "rabbitmq": self.clusters.claims_leader,
            "claims": lambda: self.clusters.consumer_node(claim_queue(0)),
        }
        return self._said(name, leads[name]) if name in leads else names[0]

    def _said(self, name: str, leads: Callable[[], str | None]) -> str:
        """While nobody can say, as in the midst of chaos, any will do: but not unsaid."""
        deadline = monotonic() + SAID_WITHIN_S
        while monotonic() < deadline:
            with suppress(LabError):
                if host := leads():
                    return host
            sleep(0.2)
        logger.warning("nobody says which %s leads: that of %s is taken for it", name, self.lab.names[0])
        return self.lab.names[0]

    def broker_of_claims(self) -> Callable[..., object]:
        return partial(self.clusters.broker_tool, self.host_of("rabbitmq"))

    def empty_redis(self) -> None:
        said = self.clusters.redis(self.host_of("redis"), "flushall")
        if said != ["OK"]:  # a replica, or nobody: nothing was lost, and the drill would hold for ever
            raise LabError(f"Redis does not lose everything: {' '.join(said) or 'no answer'}")

    def mended(self) -> int:
        return sum(len(mended(self.lab.config(name).logs)) for name in self.lab.names)

    def wait_whole(self) -> float:
        begun = monotonic()
        while missing := self._missing():
            if monotonic() - begun > ANSWERS_WITHIN_S:
                raise LabError(f"the lab is not whole after {ANSWERS_WITHIN_S:.0f} s: {missing}")
            sleep(0.5)
        self.clusters.wait_whole()
        if not self.books.open(WHOLE_WITHIN_S):
            raise LabError(f"Redis is not open after {WHOLE_WITHIN_S:.0f} s")
        return monotonic() - begun

    def _missing(self) -> str:
        """What keeps the lab from being whole: a host whose services do not all run and answer, or not one address."""
        holders = self.lab.holders()
        if len(holders) != 1:
            return f"the address is at {', '.join(holders) or 'no host'}"
        for name in self.lab.names:
            try:
                self.lab.stack(name, "status")
            except LabError as error:
                return str(error)
        return ""


@contextmanager
def three_hosts(root: Path, *, students: int) -> Iterator[LabSite]:
    """The lab in `root`: one that runs is used and left running, else it is brought up and taken down again."""
    lab = Lab(root)
    running = all(has_power(lab, name) for name in (*lab.names, CLIENT))
    try:
        if not running:
            lab.up(students)
        site = LabSite(lab, Clusters(lab), LabBooks(lab))
        site.wait_whole()
        yield site
    finally:
        if not running:
            lab.down()


def inside_of(lab: Lab, name: str) -> Inside:
    """How a tool is run on that host."""
    return Inside(lab.host(name).command(), Stack(lab.config(name)).environment())


def has_power(lab: Lab, name: str) -> bool:
    try:
        return lab.host(name).alive
    except LabError:
        return False
