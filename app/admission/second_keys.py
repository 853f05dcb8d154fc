"""Past Redis nobody knows a person's claims but the marks: whoever comes with a second key is told of the one in progress.

A hint, and never more (DESIGN §3.3): where ZooKeeper or MariaDB cannot say, the claim goes on and settle decides. A key sent
again is never refused here: its own claim may be among those in progress.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy.exc import SQLAlchemyError

from app.admission.claims import TAKING, Claim
from app.admission.errors import AlreadyClaimedError
from app.admission.marks import Marks, Place, seat_of
from app.admission.rows import decided
from app.extensions.breakers import Breakers, DependencyDownError
from app.extensions.db import Database

InProgress = dict[Place, frozenset[str]]


class SecondKeys:
    """What one pass knows of claims in progress: `refuse` asks, `note` adds what the pass itself accepts."""

    def __init__(self, in_progress: InProgress) -> None:
        self._in_progress = in_progress

    def refuse(self, claim: Claim) -> None:
        """Raises AlreadyClaimedError when another claim on this seat by the same person is in progress."""
        running = self._in_progress.get(seat_of(claim), frozenset()) if claim.action in TAKING else frozenset()
        if running and claim.id not in running:
            raise AlreadyClaimedError(claim_id=min(running), state="pending")

    def note(self, claim: Claim) -> None:
        """This claim is in progress from now on."""
        if claim.action in TAKING:
            self._in_progress[seat_of(claim)] = self._in_progress.get(seat_of(claim), frozenset()) | {claim.id}


class SecondLook:
    """Reads the marks once for all claims of a pass."""

    def __init__(self, marks: Marks, db: Database, breakers: Breakers) -> None:
        self._marks = marks
        self._db = db
        self._breakers = breakers

    def at(self, claims: Sequence[Claim]) -> SecondKeys:
        """Never raises for a server's sake: what nobody can tell is not in progress."""
        places = {seat_of(claim) for claim in claims if claim.action in TAKING}
        marked = self._marks.claims_at(places) if places else {}
        own = {claim.id for claim in claims}
        others = set().union(*marked.values()) - own if marked else set()
        ended = frozenset(self._ended(others))
        return SecondKeys({place: ids - ended for place, ids in marked.items()})

    def _ended(self, claim_ids: Collection[str]) -> Collection[str]:
        """Those that MariaDB has decided, as a mark may outlive its claim; all of them when it cannot be asked."""
        if not claim_ids:
            return ()
        try:
            with self._breakers.guard("database"), self._db.transaction() as session:
                return decided(session, sorted(claim_ids)).keys()
        except (SQLAlchemyError, DependencyDownError):
            return claim_ids
