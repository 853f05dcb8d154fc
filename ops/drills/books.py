"""The white-box side of a drill: whom the load may be, what it may book, and whether everything that was promised is kept.

Each question needs the servers, so it is asked where they can be reached: in this process, or on a host of the lab by
`python -m ops.drills books QUESTION` with that host's settings.
"""

from __future__ import annotations

from pathlib import Path
from time import monotonic, sleep

from sqlalchemy import func, select

from app.admission.engine import Engine
from app.admission.models import ClaimRow
from app.extensions.services import Services
from app.lectures.models import KIND
from app.offerings import build_engine
from app.settings import Settings
from ops.clients import student_tokens
from ops.drills import history
from ops.drills.checker import Checker
from ops.drills.lectures import open_lecture
from ops.drills.offerings import Offerings, open_offerings
from ops.drills.wishes import Student

AT_REST_WITHIN_S = 60.0
ANSWER_WITHIN_S = 20.0
TOKEN_TTL_S = 4 * 3600
NO_ANSWER = "a server does not answer"


class Books:
    """Answers from MariaDB, Redis, RabbitMQ and ZooKeeper."""

    def __init__(self, services: Services, engine: Engine) -> None:
        self._services = services
        self._engine = engine

    @classmethod
    def of_environment(cls) -> Books:
        """With this process's SEATRUSH_* settings."""
        services = Services.for_process(Settings.from_environment())
        services.start()
        return cls(services, build_engine(services))

    def students(self) -> list[Student]:
        """Everybody, with a token that is good for four hours."""
        return [Student(*one) for one in student_tokens(self._services, ttl_seconds=TOKEN_TTL_S)]

    def offerings(self) -> Offerings:
        """New ones, open for an hour."""
        return open_offerings(self._services, self._engine)

    def opened(self, count: int, seats: int) -> list[int]:
        """So many new lectures, each with so many seats and no line, open for an hour."""
        return [open_lecture(self._services, self._engine, seats) for _ in range(count)]

    def decided(self, lectures: list[int]) -> tuple[int, float]:
        """How many claims on these lectures are decided, and when the last one was (seconds since 1970; 0.0: none is)."""
        counted = select(func.count(), func.max(ClaimRow.decided_at))
        with self._services.db.reading() as session:
            count, last = session.execute(
                counted.where(ClaimRow.kind == KIND, ClaimRow.offering_id.in_(lectures))
            ).one()
        return count, last.timestamp() if last else 0.0

    def wait_open(self, within: float) -> bool:
        """Whether Redis may judge, again or still, before so many seconds have passed."""
        until = monotonic() + within
        while not self._open():
            if monotonic() > until:
                return False
            sleep(0.1)
        return True

    def wrong(self, path: Path, offerings: Offerings) -> list[str]:
        """Every invariant that the history of a load does not find kept once everything had time to come to rest."""
        told = history.read(path)
        checkers = {kind: Checker(self._services, self._engine, kind) for kind in offerings.kinds()}
        until = monotonic() + AT_REST_WITHIN_S
        while (found := _look(checkers, told, offerings)) and monotonic() < until:
            sleep(0.3)
        if not found:
            return list(told.complaints)
        # What does not come to rest must not hide what else is wrong, nor a session that ends at this very moment.
        until = monotonic() + ANSWER_WITHIN_S
        while _away(found := _look(checkers, told, offerings, everything=True)) and monotonic() < until:
            sleep(0.3)
        return [*told.complaints, *found]

    def _open(self) -> bool:
        store = self._engine.store
        try:
            epoch, run = store.stored_fence()
            return 0 < epoch == self._engine.epochs.learn() and run == store.run_id() and not store.draining()
        except Exception:
            return False  # a server that is still away


def _look(
    checkers: dict[str, Checker], told: history.History, offerings: Offerings, *, everything: bool = False
) -> list[str]:
    found = []
    try:
        for kind, ids in offerings.kinds().items():
            checker, wishes = checkers[kind], [one for one in told.wishes if one.kind == kind]
            found += checker.everything(wishes, ids) if everything else checker.violations(wishes, ids)
        return list(dict.fromkeys(found))  # what is on its way, both say
    except Exception as error:
        return [f"{NO_ANSWER}: {error!r}"]


def _away(found: list[str]) -> bool:
    """Whether a look ended because a server did not answer."""
    return len(found) == 1 and found[0].startswith(NO_ANSWER)
