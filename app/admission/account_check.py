"""Accounts in Redis against MariaDB, person by person: what is held and what it brings, the limit, what was passed, the bar.

Nothing mends them: what is held follows from the claims, the rest is handed over whenever it changes. So this is a proof,
for tests, after a rebuild and for whoever doubts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.admission.account_store import SUMS, accounts_in, held_field, in_any_order, passed_field, sums_of
from app.admission.kinds import Account, Kind, Kinds, Traits
from app.admission.outbox import in_flight
from app.admission.rows import live_of
from app.admission.store import SeatStore
from app.extensions.db import Database

# Offerings whose sheets and claims are read at a time.
CHUNK = 500

Place = tuple[int, int]  # (scope, person)
Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AccountDifference:
    """One field of one account. `redis` and `mariadb` are what each has, None for nothing."""

    kind: str
    scope: int
    user_id: int
    field: str
    redis: str | None
    mariadb: str | None


class AccountCheck:
    """`differences(kind)`; empty while anything is in flight, as then a difference means nothing."""

    def __init__(self, db: Database, store: SeatStore, kinds: Kinds) -> None:
        self._db = db
        self._store = store
        self._kinds = kinds

    def differences(self, name: str) -> list[AccountDifference]:
        """Compare every account of the kind's current scopes. Reads all of them: seconds for tens of thousands."""
        if not self._store.quiet():
            return []
        kind, seen = self._kinds[name], accounts_in(self._store.redis, name)
        with self._db.transaction() as session:
            if in_flight(session):
                return []
            stored = _stored(session, kind, seen)
            held = _held(session, kind)
        return [
            AccountDifference(name, *place, field, there, here)
            for place in sorted(seen.keys() | held.keys())
            for field, there, here in _compare(seen.get(place, {}), held.get(place, {}), stored.get(place))
        ]


def _stored(session: Session, kind: Kind, seen: Collection[Place]) -> dict[Place, Account]:
    """Accounts as MariaDB has them, also of those who have no row of their own: Redis was asked for them one by one."""
    found = {(one.scope, one.user_id): one for one in kind.accounts(session, None)}
    strangers = sorted({user for scope, user in seen if (scope, user) not in found})
    for at in range(0, len(strangers), CHUNK):
        found |= {(one.scope, one.user_id): one for one in kind.accounts(session, strangers[at : at + CHUNK])}
    return found


def _held(session: Session, kind: Kind) -> dict[Place, dict[str, str]]:
    """What live claims bring to the accounts of their persons, as Redis writes it."""
    ids: list[int] = sorted(kind.current(session))
    found: dict[Place, dict[str, str]] = {}
    for at in range(0, len(ids), CHUNK):
        some = ids[at : at + CHUNK]
        traits: dict[int, Traits] = {
            one.offering_id: one.traits for one in kind.sheets(session, some) if one.traits is not None
        }
        for offering, claims in live_of(session, kind.name, list(traits)).items():
            own = traits[offering]
            for claim in claims:
                place = found.setdefault((own.scope, claim.user_id), {})
                place[f"h:{offering}"] = held_field(claim.hold, own)
    return found


def _compare(seen: Fields, held: Fields, stored: Account | None) -> Iterator[tuple[str, str | None, str | None]]:
    """(field, Redis's, MariaDB's) where they differ; else where Redis's holds do not add up to what stands beside them.

    An account that was never handed over has no limit: unknown is not wrong, nor is what is left of a scope that is over.
    """
    wanted = dict(held)
    if "limit" in seen and stored is not None:
        wanted |= {"limit": str(stored.limit), "passed": passed_field(stored), "bar": stored.bar}
    differ = [one for one in sorted(wanted.keys() | set(_holds_in(seen))) if seen.get(one) != wanted.get(one)]
    yield from ((field, seen.get(field), wanted.get(field)) for field in differ)
    sums = sums_of([seen[field] for field in _holds_in(seen)])
    for field in () if differ else SUMS:
        if in_any_order(seen.get(field)) != in_any_order(sums.get(field)):
            yield field, seen.get(field), sums.get(field)


def _holds_in(account: Fields) -> list[str]:
    return [field for field in account if field.startswith("h:")]
