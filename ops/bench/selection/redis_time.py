"""What an admission costs Redis, with every rule over a term's courses and with none: by Redis's own count of the time it
spent in functions (`INFO commandstats`), over the same number of claims in batches of the same size.

In a logical database of its own on the same server: no worker, no sweep and no consumer looks at it. The batches of the
two kinds take turns, so that what else the machine does hits both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from app.admission.claims import Claim, claim_id
from app.admission.kinds import Account, OfferingSheet, PoolSheet, Traits
from app.admission.store import SeatStore
from app.extensions.redis import connect_redis
from ops.bench.rig import Rig
from ops.bench.shooting import BenchError

DATABASE = 7
BATCH = 192
OFFERINGS = 192
CART = 6
EPOCH = 1
FAR_MS = 4_000_000_000_000
SCOPE = 1
# What a student holds already: five courses of two meetings each, and forty passed.
HELD, PASSED = 5, tuple(range(1000, 1040))
_NUMBERS = count(1)


@dataclass(frozen=True, slots=True)
class RedisTime:
    """µs of Redis's time a claim, all of them admitted."""

    lecture_us: float
    section_us: float  # every claim another student's: an account is read for each
    cart_us: float  # in carts of six, as a round opens: an account is read for six
    claims: int


def measure(rig: Rig, batches: int) -> RedisTime:
    """Admit `batches` batches of each kind. Raises BenchError when a claim is refused."""
    address = rig.services.settings.redis_url.partition("?")[0]
    client = connect_redis(f"{address}?db={DATABASE}", size=2, timeout=10.0)
    store = SeatStore(client)
    client.flushdb()
    try:
        store.begin(EPOCH, store.run_id(), rate=10**9, burst=10**9)
        _load(store)
        spent = {"lecture": 0, "section": 0, "cart": 0}
        for turn in range(batches):
            singles, carts = _students(store, BATCH), _students(store, BATCH // CART)
            turns = {
                "lecture": [_claim("lecture", one, at) for at, one in enumerate(singles)],
                "section": [_claim("section", one, at) for at, one in enumerate(singles)],
                "cart": [
                    _claim("section", one, at * CART + nth) for at, one in enumerate(carts) for nth in range(CART)
                ],
            }
            for name in turns if turn % 2 else reversed(turns):
                spent[name] += _timed(store, turns[name])
    finally:
        client.flushdb()
        client.close()
    claims = batches * BATCH
    return RedisTime(spent["lecture"] / claims, spent["section"] / claims, spent["cart"] / claims, claims)


def _load(store: SeatStore) -> None:
    for number in range(1, OFFERINGS + 1):
        bare = _sheet("lecture", number)
        # On days on which other courses are held too, in other periods: every rule is asked to the end. Six neighbours
        # fit into one cart.
        first, second = 1 + number % CART, 1 + (number + 3) % CART
        slots = ((first, 0b11 << 5, 0x5555), (second, 0b11 << 8, 0xFFFF))
        traits = Traits(SCOPE, number, 30, slots, needs=(PASSED[0], PASSED[-1]))
        store.load_each([(bare, ()), (replace(bare, kind="section", traits=traits), ())], fence=str(EPOCH))
    for number in range(HELD):
        slots = ((1 + number, 0b11, 0xFFFF), (1 + number, 0b11000, 0x5555))
        held = replace(_sheet("section", 10_000 + number), traits=Traits(SCOPE, 10_000 + number, 20, slots))
        store.load_each([(held, ())], fence=str(EPOCH))


def _sheet(kind: str, number: int) -> OfferingSheet:
    return OfferingSheet(kind, number, 0, FAR_MS, FAR_MS, False, 1, (PoolSheet("0", 10**6, 0),))


def _students(store: SeatStore, many: int) -> Sequence[int]:
    """With an account, and seats in the held courses: not counted."""
    students = [next(_NUMBERS) for _ in range(many)]
    for at in range(0, many, 500):
        some = students[at : at + 500]
        accounts = [Account(SCOPE, one, 900, PASSED) for one in some]
        store.set_accounts("section", accounts, fence=str(EPOCH))
        for number in range(HELD):
            _admit(store, [_claim("section", one, 10_000 + number - 1) for one in some])
    return students


def _claim(kind: str, student: int, at: int) -> Claim:
    """On an offering by its place: each claim of a batch is on another one."""
    number = at + 1
    made = claim_id(student, "book", kind, number, "bench-key")
    return Claim(id=made, kind=kind, action="book", user_id=student, offering_id=number, line_ok=False, fingerprint="0")


def _admit(store: SeatStore, claims: Sequence[Claim]) -> None:
    verdicts = store.admit(claims, fence=str(EPOCH), interval_ms=10_000, emission_ms=0.001, burst=10**6)
    wrong = {verdict.name for verdict in verdicts} - {"new"}
    if wrong:
        raise BenchError(f"claims that should be admitted were {wrong}")


def _timed(store: SeatStore, claims: Sequence[Claim]) -> int:
    """µs that Redis spent in functions meanwhile."""
    before = _spent_us(store)
    _admit(store, claims)
    return _spent_us(store) - before


def _spent_us(store: SeatStore) -> int:
    stats: dict[str, Any] = store.redis.info("commandstats")
    return int(stats.get("cmdstat_fcall", {}).get("usec", 0))
