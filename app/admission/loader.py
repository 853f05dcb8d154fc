"""The loader builds an offering's admission state in Redis from MariaDB, exactly, some offerings at a time."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admission.account_store import forget_accounts
from app.admission.epochs import EpochFollower
from app.admission.kinds import Kinds, OfferingSheet
from app.admission.models import SeatPool
from app.admission.rows import live_of
from app.admission.store import SeatStore
from app.extensions.db import Database

# Offerings a transaction: few enough that settle does not wait long for their pools.
AT_ONCE = 50
FIRST_AT_ONCE = 10  # everybody asks for these, and settle wants their pools all the time
# Descriptions a round trip: some hundred bytes each, and nothing is locked meanwhile.
DESCRIBED_AT_ONCE = 200


class Loader:
    """Loads what Redis does not know and hands over newer descriptions. Raises EpochError, RedisError, DBAPIError."""

    def __init__(self, db: Database, store: SeatStore, kinds: Kinds, epochs: EpochFollower) -> None:
        self._db = db
        self._store = store
        self._kinds = kinds
        self._epochs = epochs

    def load(self, kind: str, offering_id: int) -> bool:
        """Create the offering in Redis unless it is there."""
        return self.load_each(kind, [offering_id]) > 0

    def load_each(self, kind: str, offering_ids: Sequence[int]) -> int:
        """The same for some, in that order; returns how many were new. The pools stay locked: no settle slips in meanwhile.

        Redis is asked first, as settle waits for these locks: during a rebuild every consumer and worker finds the same
        offerings missing, and none of them may be loaded before Redis is open.
        """
        wanted = self._to_load(kind, offering_ids) if kind in self._kinds else []
        if not wanted:
            return 0
        with self._db.transaction() as session:
            _lock_pools(session, kind, wanted)
            wanted = self._to_load(kind, wanted)  # somebody else may have had the locks, for the same
            sheets = self._kinds[kind].sheets(session, wanted) if wanted else ()
            standings = live_of(session, kind, [sheet.offering_id for sheet in sheets]) if sheets else {}
            place = {offering_id: at for at, offering_id in enumerate(wanted)}
            whole = [
                (sheet, standings.get(sheet.offering_id, ()))
                for sheet in sorted(sheets, key=lambda one: place[one.offering_id])
                if sheet.pools  # else its seats are not stored yet: loaded now, it would stay without any
            ]
            if not whole:
                return 0
            return sum(self._epochs.fenced(lambda fence: self._store.load_each(whole, fence=fence)))

    def describe(self, kind: str, offering_id: int) -> None:
        """Hand the newest description to Redis, loading the offering when it is not there yet."""
        with self._db.transaction() as session:
            sheet = self._sheet(session, kind, offering_id)
        if sheet is not None and self._tell([sheet])[0] < 0 and not self.load(kind, offering_id):
            self._tell([sheet])  # somebody else has loaded it meanwhile, perhaps as it was before

    def describe_each(self, kind: str, offering_ids: Sequence[int]) -> tuple[int, bool]:
        """The same for many; what is not there yet is loaded, unless a rebuild does that. Returns how many descriptions were
        new to Redis, and whether it has them all now: what a rebuild is about to load it may have read before the change."""
        changed, whole = 0, True
        for at in range(0, len(offering_ids), DESCRIBED_AT_ONCE):
            with self._db.transaction() as session:
                sheets = self._kinds[kind].sheets(session, offering_ids[at : at + DESCRIBED_AT_ONCE])
            told = self._tell(sheets)
            changed += sum(reply > 0 for reply in told)
            missing = [sheet for sheet, reply in zip(sheets, told, strict=True) if reply < 0]
            if missing and not self._store.unfinished():
                changed += self._load_some([(kind, sheet.offering_id) for sheet in missing])
                again = self._tell(missing)  # as in `describe`
                changed += sum(reply > 0 for reply in again)
                missing = [sheet for sheet, reply in zip(missing, again, strict=True) if reply < 0 and sheet.pools]
            whole = whole and not missing
        return changed, whole

    def _tell(self, sheets: Sequence[OfferingSheet]) -> list[int]:
        return self._epochs.fenced(lambda fence: self._store.describe_each(sheets, fence=fence)) if sheets else []

    def _to_load(self, kind: str, offering_ids: Sequence[int]) -> list[int]:
        return self._epochs.fenced(lambda fence: self._store.to_load(kind, offering_ids, fence=fence))

    def load_all(self) -> int:
        """Load every offering that can still be claimed or cancelled; returns how many were new to Redis."""
        return self._load_some(sorted(self._current()))

    def current_of(self, offerings: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
        """Those of these (kind, id) that can still be claimed or cancelled, in their order."""
        current = self._current() if offerings else set()
        return [one for one in offerings if one in current]

    def load_first(self, offerings: Sequence[tuple[str, int]]) -> int:
        """Load these (kind, id), in that order; returns how many were new."""
        return self._load_some(offerings, at_once=FIRST_AT_ONCE)

    def _load_some(self, offerings: Sequence[tuple[str, int]], *, at_once: int = AT_ONCE) -> int:
        loaded = 0
        for kind in self._kinds:
            ids = [offering for name, offering in offerings if name == kind]
            loaded += sum(self.load_each(kind, ids[at : at + at_once]) for at in range(0, len(ids), at_once))
        return loaded

    def unload_past(self) -> int:
        """Let Redis forget offerings that are over, and then the accounts of scopes that are; returns how many offerings."""
        past = self._store.loaded() - self._current()
        for kind, offering_id in past:
            self._epochs.fenced(
                lambda fence, kind=kind, offering_id=offering_id: (  # type: ignore[misc]
                    self._store.unload(kind, offering_id, fence=fence)
                )
            )
        with self._db.transaction() as session:
            scopes = {name: kind.scopes(session) for name, kind in self._kinds.items()}
        for name, current in scopes.items():
            forget_accounts(self._store.redis, name, current)
        return len(past)

    def _current(self) -> set[tuple[str, int]]:
        with self._db.transaction() as session:
            return {(name, offering) for name, kind in self._kinds.items() for offering in kind.current(session)}

    def _sheet(self, session: Session, kind: str, offering_id: int) -> OfferingSheet | None:
        known = self._kinds.get(kind)
        return next(iter(known.sheets(session, [offering_id])), None) if known else None


def _lock_pools(session: Session, kind: str, offering_ids: Sequence[int]) -> None:
    """In the order in which settle locks them."""
    session.execute(
        select(SeatPool.id)
        .where(SeatPool.kind == kind, SeatPool.offering_id.in_(offering_ids))
        .order_by(SeatPool.offering_id, SeatPool.pool)
        .with_for_update()
    ).all()
