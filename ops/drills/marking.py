"""For how long no claim could be marked as in progress. No student sees that ZooKeeper is away, as a claim without a mark is
as good as one with it: so on each host a process tries, ten times a second, as the web workers do (their breaker included)."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from subprocess import TimeoutExpired
from time import monotonic
from types import TracebackType
from typing import Self
from uuid import uuid4

import gevent

from app.admission.claims import Claim
from app.admission.marks import Marks, place_of
from app.extensions.services import Services
from app.settings import Settings
from ops.drills.inside import Inside, finish, input_ends
from ops.drills.timeline import longest_gap

logger = logging.getLogger(__name__)

EVERY_S = 0.1
STARTS_WITHIN_S = 20.0
ENDS_WITHIN_S = 10.0
MARKING = "claims are being marked"


def run() -> None:
    """Mark until standard input ends; then print for how many seconds it could not be done, at the longest. Prints nothing when
    not even a first mark can be made."""
    enough, settings = input_ends(), Settings.from_environment()
    services = Services.for_process(settings)
    services.start()
    marks, own = Marks(services.zookeeper, services.breakers), settings.host_number
    deadline = monotonic() + STARTS_WITHIN_S
    while not _marked(marks, own):
        if monotonic() > deadline:
            return
        gevent.sleep(EVERY_S)
    print(MARKING, flush=True)
    done = [monotonic()]
    while not enough.wait(EVERY_S):
        if _marked(marks, own):
            done.append(monotonic())
    with suppress(BrokenPipeError):  # the drill has ended otherwise than it should
        os.write(1, f"{longest_gap([*done, monotonic()])}\n".encode())


def _marked(marks: Marks, own: int) -> bool:
    """At a place of this host's own."""
    claim = Claim(id=str(uuid4()), kind="drill", action="book", user_id=own, offering_id=0)
    made = marks.create([claim])
    if made:
        marks.delete([place_of(claim)])
    return made


class Marking:
    """The processes as the drill sees them, one a host."""

    def __init__(self, hosts: Mapping[str, Inside]) -> None:
        """Returns when all of them mark. Raises OSError when one does not begin."""
        self._processes = {name: inside.begin("marking") for name, inside in hosts.items()}
        for name, process in self._processes.items():
            if MARKING not in (process.stdout.readline() if process.stdout else ""):
                self.kill()
                raise OSError(f"claims are not marked on {name}")

    def stop(self) -> dict[str, float | None]:
        """Host → the longest time without a mark, in seconds. None where nobody says so, as on a host that lost its power."""
        found: dict[str, float | None] = dict.fromkeys(self._processes)
        for name, process in self._processes.items():
            with suppress(TimeoutExpired, ValueError, BrokenPipeError):
                found[name] = float(process.communicate(timeout=ENDS_WITHIN_S)[0])
            if found[name] is None:
                logger.warning("%s can't say for how long no claim could be marked there", name)
        self.kill()
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.kill()

    def kill(self) -> None:
        """Whatever still runs; harmless afterwards."""
        for process in self._processes.values():
            finish(process)
