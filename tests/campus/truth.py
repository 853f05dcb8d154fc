"""What really happened, by MariaDB, Redis and the checker."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import gevent
from sqlalchemy import select

from app.admission.models import ClaimRow
from app.admission.rows import decided
from app.lectures.models import KIND as LECTURE
from ops.drills.checker import Checker
from ops.drills.crowd import Crowd
from ops.drills.mended import mended
from ops.drills.wishes import Wish
from ops.stack import Stack
from tests.campus.ground import Ground

HEALS_WITHIN_S = 120.0  # a machine that stood still for some seconds has lost every session of ZooKeeper

# kind → what was wished, and the offerings whose books are compared (None: all)
Asked = Mapping[str, tuple[Sequence[Wish], Sequence[int] | None]]


class Truth(Ground):
    """The checker's verdicts."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(stack)
        self._checkers: dict[str, Checker]
        self._warned: list[str] = []

    def decided(self, claim_id: str) -> tuple[str, str] | None:
        """State and reason of a claim in MariaDB, None when it is not decided."""
        with self.services.db.transaction() as session:
            standing = decided(session, [claim_id]).get(claim_id)
        return (standing.state, standing.reason) if standing else None

    def promoted_in_order(self, lecture: int) -> bool:
        """True when nobody of a line still waits who was admitted before somebody that was promoted."""
        with self.services.db.transaction() as session:
            rows = session.scalars(select(ClaimRow).where(ClaimRow.offering_id == lecture, ClaimRow.action == "book"))
            orders = [((row.admitted_at, row.sequence), row.state, row.reason) for row in rows]
        promoted = [order for order, _, reason in orders if reason == "promoted"]
        waiting = [order for order, state, _ in orders if state == "waitlisted"]
        return bool(promoted) and (not waiting or max(promoted) < min(waiting))

    def verify(
        self, *crowds: Crowd, within: float = HEALS_WITHIN_S, lectures: Sequence[int] | None = None
    ) -> list[str]:
        """Every invariant that does not hold `within` seconds from now, as sentences; [] when all hold.

        `lectures`: whose books are compared when nobody wished for anything; None is all of them.
        """
        asked = _asked(crowds) or {LECTURE: ([], lectures)}
        deadline, pause = time.monotonic() + within, 0.1
        found = ["never looked"]
        while found and time.monotonic() < deadline:
            try:
                found = list(self._unrest()) or self._wrong(asked)
            except Exception as error:
                found = [f"a server does not answer: {error!r}"]
            if found:  # to look into all books is work, and what is waited for needs the machine
                gevent.sleep(pause)
                pause = min(1.0, pause * 1.5)
        if found:
            found = [*self._unrest(), *self._wrong(asked)]
        return [*found, *self._repaired(), *(one for crowd in crowds for one in crowd.complaints)]

    def violations_at_rest(self, crowd: Crowd, within: float = HEALS_WITHIN_S) -> list[str]:
        """What is wrong as soon as nothing is on its way any more, before anything could be mended: for guards off."""
        self.until(lambda: not list(self._unrest()), "rest", within)
        return self._wrong(_asked([crowd]))

    def _unrest(self) -> Iterator[str]:
        return self._checkers[LECTURE].unrest()

    def _wrong(self, asked: Asked) -> list[str]:
        return [one for kind, what in asked.items() for one in self._checkers[kind].wrong(*what)]

    def _repaired(self) -> list[str]:
        """Counters that had to be mended had drifted: the checker must not be fooled by the repair."""
        before, self._warned = len(self._warned), self._repairs()
        return [f"had to be mended: {one}" for one in self._warned[before:]]

    def _repairs(self) -> list[str]:
        return mended(self.stack.config.logs)


def _asked(crowds: Iterable[Crowd]) -> Asked:
    wishes: dict[str, list[Wish]] = defaultdict(list)
    for wish in (wish for crowd in crowds for wish in crowd.wishes):
        wishes[wish.kind].append(wish)
    return {
        kind: (some, sorted({one for wish in some for one in (wish.lecture_id, wish.drops) if one}))
        for kind, some in wishes.items()
    }
