"""A settling transaction's view of claims and seats: locked, changed in memory, written once.

Lock order: the pools of every touched offering, by (kind, offering, pool); everything else of an offering is changed
only under them, so two consumers never decide the same offering at once and cannot deadlock over claims.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Table, select, text
from sqlalchemy.orm import Session

from app.admission.claims import Claim, Standing
from app.admission.kinds import Step
from app.admission.models import SeatPool
from app.admission.rows import CLAIM, active_of, insert_claims, live_claims, naive_utc, standing_of
from app.extensions import bulk

PoolKey = tuple[str, int, str]

POOL: Table = SeatPool.__table__  # type: ignore[assignment]

# Rows are locked in the order in which they are read: the offerings come sorted, their pools by the unique key. It is
# named, as is the primary key below: with a small table the optimizer would rather read through all of it, and so wait
# for the locks of offerings that are none of its business.
_LOCK_POOLS = text(
    f"SELECT {bulk.all_columns(POOL, 'p')} FROM "  # noqa: S608 - only constants
    + bulk.json_table({"kind": bulk.ASCII_16, "offering_id": "BIGINT"})
    + " AS k STRAIGHT_JOIN seat_pool AS p FORCE INDEX (uq_seat_pool_offering)"
    " ON p.kind = k.kind AND p.offering_id = k.offering_id FOR UPDATE"
).columns(*POOL.c)

_MOVE_POOLS = text(
    "UPDATE "  # noqa: S608 - only constants
    + bulk.json_table({"id": "BIGINT", "taken": "INT", "waiting": "INT"})
    + " AS d STRAIGHT_JOIN seat_pool AS p FORCE INDEX (PRIMARY) ON p.id = d.id"
    " SET p.taken = p.taken + d.taken, p.waiting = p.waiting + d.waiting"
    " WHERE p.taken + d.taken <= p.capacity"
)

_STEP_CLAIMS = text(
    "UPDATE "  # noqa: S608 - only constants
    + bulk.json_table(
        {
            "id": "CHAR(36) CHARACTER SET ascii COLLATE ascii_bin",
            "old_version": "INT",
            "pool": "VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin",
            "state": "VARCHAR(12)",
            "active": "SMALLINT",
            "version": "INT",
            "reason": "VARCHAR(40)",
            "decided_at": "DATETIME(6)",
        }
    )
    + " AS d STRAIGHT_JOIN claim AS c FORCE INDEX (PRIMARY) ON c.id = d.id"
    " SET c.pool = d.pool, c.state = d.state, c.active = d.active, c.version = d.version,"
    " c.reason = d.reason, c.decided_at = d.decided_at WHERE c.version = d.old_version"
)


class GuardError(Exception):
    """A guarded update did not match: the view is not what the database holds. The transaction must be run again."""


@dataclass(slots=True)
class Pool:
    """One pool under lock. `taken` and `waiting` follow the decisions; the `_delta`s are what gets written."""

    id: int
    capacity: int
    taken: int
    line_capacity: int
    waiting: int
    taken_delta: int = 0
    waiting_delta: int = 0

    @property
    def free(self) -> int:
        return self.capacity - self.taken

    def move(self, *, taken: int = 0, waiting: int = 0) -> None:
        """Change the counts by these amounts."""
        self.taken += taken
        self.taken_delta += taken
        self.waiting += waiting
        self.waiting_delta += waiting


def _nobody(_before: Standing | None, _after: Standing) -> None:
    return None


class Ledger:
    """Open with the claims of a batch; ask, move, then `write()`. `told` hears of every step as it is put."""

    def __init__(
        self,
        session: Session,
        offerings: Iterable[tuple[str, int]],
        told: Callable[[Standing | None, Standing], None] = _nobody,
    ) -> None:
        self._session = session
        self._told = told
        self.pools: dict[PoolKey, Pool] = self._lock_pools(sorted(set(offerings)))
        self._rows: dict[str, Standing] = {}
        self._before: dict[str, Standing | None] = {}
        self._holders: dict[tuple[str, int, int], str] = {}

    def _lock_pools(self, offerings: Sequence[tuple[str, int]]) -> dict[PoolKey, Pool]:
        if not offerings:
            return {}
        rows = bulk.run(self._session, _LOCK_POOLS, offerings)
        return {
            (row.kind, row.offering_id, row.pool): Pool(row.id, row.capacity, row.taken, row.line_capacity, row.waiting)
            for row in rows
        }

    def read(self, claims: Sequence[Claim]) -> None:
        """Read what is decided already: these claims, their targets, and the live claims of their users."""
        ids = {claim.id for claim in claims} | {claim.target for claim in claims if claim.target}
        for row in self._session.execute(select(CLAIM).where(CLAIM.c.id.in_(ids))):
            self._remember(standing_of(row))
        places = {(one.kind, one.offering_id, one.user_id) for one in claims if one.action != "promote"}
        places |= {(one.kind, one.drops, one.user_id) for one in claims if one.drops}
        for standing in live_claims(self._session, sorted(places)):
            self._remember(standing)

    def _remember(self, standing: Standing) -> None:
        self._rows.setdefault(standing.id, standing)
        if standing.hold != "none":
            self._holders[(standing.kind, standing.offering_id, standing.user_id)] = standing.id

    def get(self, claim_id: str) -> Standing | None:
        """The claim as decided so far, None when it is not decided."""
        return self._rows.get(claim_id)

    def holder(self, claim: Claim, offering_id: int = 0) -> Standing | None:
        """The live claim of this claim's user in its offering, or in another one."""
        holder = self._holders.get((claim.kind, offering_id or claim.offering_id, claim.user_id))
        return self._rows[holder] if holder else None

    def put(self, after: Standing) -> None:
        """Record a decision or a step; moves the pool's counts by what the claim held and holds."""
        before = self._rows.get(after.id)
        self._before.setdefault(after.id, before)
        self._rows[after.id] = after
        self._told(before, after)
        self._move(before, -1)
        self._move(after, 1)
        key = (after.kind, after.offering_id, after.user_id)
        if after.hold != "none":
            self._holders[key] = after.id
        elif self._holders.get(key) == after.id:
            del self._holders[key]

    def _move(self, standing: Standing | None, by: int) -> None:
        if standing is None or standing.hold == "none":
            return
        pool = self.pools[(standing.kind, standing.offering_id, standing.pool)]
        if standing.hold == "seat":
            pool.move(taken=by)
        else:
            pool.move(waiting=by)

    def waiters(self, key: PoolKey, limit: int = 50) -> list[Standing]:
        """The first claims in a pool's line, this transaction's own changes included, in order of admission."""
        kind, offering_id, pool = key
        query = (
            select(CLAIM)
            .where(
                CLAIM.c.kind == kind,
                CLAIM.c.offering_id == offering_id,
                CLAIM.c.state == "waitlisted",
                CLAIM.c.pool == pool,
            )
            .order_by(CLAIM.c.admitted_at, CLAIM.c.sequence, CLAIM.c.id)
            .limit(limit + len(self._before))
        )
        found = {row.id: standing_of(row) for row in self._session.execute(query)}
        found.update({claim_id: self._rows[claim_id] for claim_id in self._before})
        line = [s for s in found.values() if s.state == "waitlisted" and (s.kind, s.offering_id, s.pool) == key]
        for standing in line:
            self._rows.setdefault(standing.id, standing)
        return sorted(line, key=lambda s: (s.admitted_at, s.sequence, s.id))[:limit]

    @property
    def changed(self) -> int:
        """How many claims this transaction has changed so far."""
        return len(self._before)

    def others_wait(self, key: PoolKey) -> bool:
        """True when somebody waits in the line of another pool of the same offering."""
        return any(pool.waiting > 0 for one, pool in self.pools.items() if one[:2] == key[:2] and one != key)

    def still_waiting(self, found: Sequence[Standing]) -> list[Standing]:
        """Those of these stored claims that still wait, this transaction's own changes included."""
        now = [self._rows.setdefault(standing.id, standing) for standing in found]
        return [standing for standing in now if standing.state == "waitlisted"]

    def steps(self) -> list[Step]:
        """Every claim that changed, with the state it came from."""
        return [Step(before.state if before else None, self._rows[one]) for one, before in self._before.items()]

    def write(self) -> None:
        """Write claims and guarded counters. Raises GuardError; IntegrityError when a unique key objects."""
        changed = [(before, self._rows[one]) for one, before in self._before.items() if before is not None]
        # Steps first: a cancelled claim must leave the unique key before the same user's new one enters it.
        if changed:
            self._update([(before, after) for before, after in changed])
        fresh = [self._rows[one] for one, before in self._before.items() if before is None]
        if fresh:
            insert_claims(self._session, fresh)
        self._write_pools()

    def _update(self, changed: Sequence[tuple[Standing, Standing]]) -> None:
        rows = [
            (
                before.id,
                before.version,
                after.pool,
                after.state,
                active_of(after),
                after.version,
                after.reason,
                naive_utc(after.decided_at),
            )
            for before, after in changed
        ]
        if bulk.run(self._session, _STEP_CLAIMS, rows).rowcount != len(rows):
            raise GuardError("a claim is not at the version that was read any more")

    def _write_pools(self) -> None:
        moved = [pool for pool in self.pools.values() if pool.taken_delta or pool.waiting_delta]
        if not moved:
            return
        rows = [(pool.id, pool.taken_delta, pool.waiting_delta) for pool in moved]
        if bulk.run(self._session, _MOVE_POOLS, rows).rowcount != len(moved):
            raise GuardError(f"a pool cannot take so many more: {rows}")


def stepped(standing: Standing, state: str, decided_at: int, reason: str = "", *, pool: str = "") -> Standing:
    """The claim one step further: a new state and the next version; perhaps in another pool."""
    version, pool = standing.version + 1, pool or standing.pool
    return replace(standing, state=state, version=version, reason=reason, decided_at=decided_at, pool=pool)
