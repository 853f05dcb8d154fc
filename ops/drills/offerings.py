"""What the load of a drill may ask for: lectures, and the sections of a term of their own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any

from app.admission.account_store import ROSTERS
from app.admission.engine import Engine
from app.catalogue.models import KIND as SECTION
from app.extensions.services import Services
from app.lectures.models import KIND as LECTURE
from ops.drills.lectures import open_lecture
from ops.drills.sections import open_selection
from ops.stack import StackError

# Of two lectures, and of every two sections, one is soon full and has a line; the other has seats for all.
SIZES = ((50, 30), (100_000, 0))
ACCOUNTS_WITHIN_S = 120.0  # of thirty thousand students, on a slow machine


@dataclass(frozen=True, slots=True)
class Offerings:
    """Ids. `round_id`: where carts are sent to."""

    lectures: list[int]
    sections: list[int]
    round_id: int

    def kinds(self) -> dict[str, Collection[int]]:
        """kind → its offerings."""
        return {LECTURE: self.lectures, SECTION: self.sections}

    def roomy(self) -> frozenset[int]:
        """Those with seats for all: every second one (SIZES)."""
        return frozenset([*self.lectures[1::2], *self.sections[1::2]])

    @classmethod
    def of(cls, fields: Any) -> Offerings:
        """What became JSON, again."""
        return cls(list(fields["lectures"]), list(fields["sections"]), int(fields["round_id"]))


def open_offerings(services: Services, engine: Engine) -> Offerings:
    """New ones, open for an hour. Returns when Redis knows everybody's account in their term, as it does before a real
    opening. Raises StackError when it is not told in time."""
    lectures = [open_lecture(services, engine, capacity, line) for capacity, line in SIZES]
    term, sections = open_selection(services, engine, SIZES)
    until = monotonic() + ACCOUNTS_WITHIN_S
    while not services.redis.hexists(ROSTERS, f"{SECTION}:{term.id}"):
        if monotonic() > until:
            raise StackError(f"Redis was not told of the accounts in term {term.id} in {ACCOUNTS_WITHIN_S:.0f} s")
        sleep(0.2)
    return Offerings(lectures, sections, term.round_id)
