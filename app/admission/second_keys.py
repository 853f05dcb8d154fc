"""Past Redis nobody knows a person's claims but the marks: whoever comes with a second key is told of the one in progress.

A hint, and never more (DESIGN §3.3): where ZooKeeper or MariaDB cannot say, the claim goes on and settle decides. A key sent
again is not refused here: its own claim is decided, or has a mark on its seat or as part of a cart. (Unless that mark was too
late: a claim of which nobody can know then.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy.exc import SQLAlchemyError

from app.admission.claims import TAKING, Claim
from app.admission.errors import AlreadyClaimedError
from app.admission.marks import Marks, Place, places_of, seat_of
from app.admission.rows import decided
from app.extensions.breakers import Breakers, DependencyDownError
from app.extensions.db import Database


class SecondKeys:
    """What one pass knows of claims in progress: `refuse` asks, `note` adds what the pass itself accepts.

    `others`: claim id → the ids of others on its seat that are in progress. `judged`: those of which that can be said, and
    that were not accepted before.
    """

    def __init__(self, others: Mapping[str, Collection[str]], judged: Collection[str]) -> None:
        self._others = others
        self._judged = judged
        self._noted: dict[Place, str] = {}  # the first that this pass accepts

    def refuse(self, claim: Claim) -> None:
        """Raises AlreadyClaimedError when another claim on this seat by the same person is in progress."""
        if claim.id not in self._judged:
            return
        running = {*self._others.get(claim.id, ()), self._noted.get(seat_of(claim), claim.id)} - {claim.id}
        if running:
            raise AlreadyClaimedError(claim_id=min(running), state="pending")

    def note(self, claim: Claim) -> None:
        """This claim is in progress from now on."""
        if claim.id in self._judged:
            self._noted.setdefault(seat_of(claim), claim.id)


NOBODY = SecondKeys({}, ())


class SecondLook:
    """Reads the marks once for all claims of a pass."""

    def __init__(self, marks: Marks, db: Database, breakers: Breakers) -> None:
        self._marks = marks
        self._db = db
        self._breakers = breakers

    def at(self, claims: Sequence[Claim]) -> SecondKeys:
        """Never raises for a server's sake: what nobody can tell is not in progress."""
        taking = [claim for claim in claims if claim.action in TAKING]
        places = {place for claim in taking for place in _places(claim)}
        marked = self._marks.seats_at(places) if places else None
        if marked is None:
            return NOBODY
        fresh = [one for one in taking if not any(one.id in marked.get(place, ()) for place in _places(one))]
        others = {claim.id: marked.get(seat_of(claim), frozenset()) for claim in fresh}
        alike = Counter(seat for seat, _ in {(seat_of(claim), claim.id) for claim in fresh})
        doubtful = {one.id for one in fresh if others[one.id] or alike[seat_of(one)] > 1}
        asked = doubtful.union(*others.values())
        ended = self._ended(asked)
        if ended is None:
            return NOBODY
        return SecondKeys(
            {claim_id: ids - ended for claim_id, ids in others.items()}, {one for one in others if one not in ended}
        )

    def _ended(self, claim_ids: Collection[str]) -> frozenset[str] | None:
        """Those that MariaDB has decided, as a mark may outlive its claim; None when it cannot be asked."""
        if not claim_ids:
            return frozenset()
        try:
            with self._breakers.guard("database"), self._db.transaction() as session:
                return frozenset(decided(session, sorted(claim_ids)))
        except (SQLAlchemyError, DependencyDownError):
            return None


def _places(claim: Claim) -> tuple[Place, Place]:
    return places_of(claim.kind, claim.offering_id, claim.user_id)
