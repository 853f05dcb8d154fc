"""Python's side of the Redis function library: arguments in, typed verdicts out. No rule lives here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from redis.exceptions import ResponseError

from app.admission.account_store import OwnAccount, own_account, passed_field
from app.admission.claims import Claim, Standing
from app.admission.kinds import Account, OfferingSheet
from app.admission.store_wire import Resize, claim_of, description, item_fields, promotions, standing_of
from app.extensions.records import record
from app.extensions.redis import RedisClient

FUNCTIONS = Path(__file__).parent / "functions"
# Of the data in Redis. To be raised with every change of what a key holds: a deployment finds the server running.
FORMAT = "5"
# There from `begin` to `open`.
DRAINING = "sr:draining"
# Redis does nothing else meanwhile: a term has thousands of sections.
COUNTERS_AT_ONCE = 200


class EpochError(Exception):
    """Redis and this process disagree on the epoch. `verdict`: "missing" (rebuild), "behind" (we are), "stale" (Redis is)."""

    def __init__(self, verdict: str, current: int) -> None:
        self.verdict = verdict
        self.current = current
        super().__init__(verdict, current)


@record
class Verdict:
    """What admission said of one claim; `fields` as documented in functions/10_admit.lua."""

    name: str
    fields: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """What `apply` left to do: offerings (kind, id) that are not loaded, and promotions that now hold a seat."""

    deferred: set[tuple[str, int]]
    promotions: list[Claim]


def library() -> str:
    """The source of the function library: the files of functions/ in order, under one name."""
    parts = [path.read_text(encoding="utf-8") for path in sorted(FUNCTIONS.glob("*.lua"))]
    return "#!lua name=seatrush\n" + "\n".join(parts)


class SeatStore:
    """The admission state in Redis. Every method is one round trip; errors of the connection pass through.

    `fence` is the epoch the caller believes in; the run id of the server is added by the connection that carries it.
    """

    def __init__(self, redis: RedisClient) -> None:
        self.redis = redis

    def install(self) -> None:
        """Load (or replace) the function library; it is persisted and replicated by Redis itself."""
        self.redis.function_load(library(), replace=True)

    def admit(
        self, claims: Sequence[Claim], *, fence: str, interval_ms: int, emission_ms: float, burst: int
    ) -> list[Verdict]:
        """Decide a batch atomically. Raises EpochError."""
        args: list[Any] = [interval_ms, emission_ms, burst, len(claims)]
        for claim in claims:
            args += (
                claim.id, claim.kind, f"swap:{claim.drops}" if claim.drops else claim.action, claim.user_id, claim.offering_id,
                "|".join(claim.pools), 1 if claim.line_ok else 0, claim.fingerprint, claim.not_before, claim.cart,
                claim.waives,
            )  # fmt: skip
        replies = self._fenced("sr_admit", fence, args)
        return [Verdict(reply[0].decode(), tuple(reply[1:])) for reply in replies]

    def apply(self, items: Sequence[Standing | Resize], *, fence: str) -> Applied:
        """Bring claims to committed states, atomically and idempotently. Raises EpochError."""
        args: list[Any] = [len(items)]
        for item in items:
            args += item_fields(item)
        deferred, flat = self._fenced("sr_apply", fence, args)
        missing = {(deferred[at].decode(), int(deferred[at + 1])) for at in range(0, len(deferred), 2)}
        return Applied(missing, promotions(flat))

    def begin(self, epoch: int, run: str, *, rate: int, burst: int, draining: bool = False) -> None:
        """Open an epoch on the server run `run`, which must have been emptied before.

        `draining`: claims of before it are on their way, no offering may be loaded until `open`.
        """
        self._call("sr_begin", [epoch, run, rate, burst, 1 if draining else 0, FORMAT])

    def of_this_format(self) -> bool:
        """False when the data was written by a release that kept it in another form: it must be rebuilt."""
        return bool(self.redis.get("sr:format") == FORMAT.encode())

    def open(self, *, fence: str) -> None:
        """Let offerings be loaded: every claim of before the epoch is decided."""
        self._fenced("sr_open", fence, [])

    def complete(self, *, fence: str) -> None:
        """Every offering is loaded: what a person holds can be told."""
        self._fenced("sr_complete", fence, [])

    def draining(self) -> bool:
        """True from `begin` to `open`."""
        return bool(self.redis.exists(DRAINING))

    def to_load(self, kind: str, offering_ids: Sequence[int], *, fence: str) -> list[int]:
        """Those of these that `load_each` would create now, in their order; none while draining."""
        return [int(one) for one in self._fenced("sr_to_load", fence, [kind, *offering_ids])]

    def unfinished(self) -> bool:
        """True from `begin` to `complete`: somebody rebuilds now, or died of it."""
        return bool(self.redis.exists(DRAINING, "sr:partial"))

    def distrust(self, *, age_ms: int, switch_ms: int) -> bool:
        """Make this server be rebuilt, unless a rebuild covers a claim of that age which it was not told of."""
        return bool(self._call("sr_distrust", [age_ms, switch_ms]))

    def set_bucket(self, *, rate: int, burst: int, fence: str) -> None:
        """Change the global token bucket."""
        self._fenced("sr_bucket", fence, [rate, burst])

    def set_accounts(self, kind: str, accounts: Sequence[Account], *, fence: str) -> int:
        """Hand over accounts; an older version changes nothing. Returns how many were new or newer."""
        args: list[Any] = [kind, len(accounts)]
        for one in accounts:
            args += (one.scope, one.user_id, one.limit, passed_field(one), one.bar, one.version)
        return int(self._fenced("sr_accounts", fence, args))

    def mine(self, kind: str, asked: Sequence[tuple[int, int]], *, fence: str) -> list[OwnAccount | None]:
        """The accounts of these (scope, person) with what they hold; None where Redis cannot say. Raises EpochError."""
        args = [kind, *(number for place in asked for number in place)]
        replies = self._fenced("sr_mine", fence, args)
        return [
            own_account(kind, scope, user, reply.decode()) if reply else None
            for (scope, user), reply in zip(asked, replies, strict=True)
        ]

    def run_id(self) -> str:
        """The run id of the server: another one means that it was started again, or that another server took over."""
        return str(self.redis.info("server")["run_id"])

    def stored_fence(self) -> tuple[int, str]:
        """(epoch, run id) that the data belongs to; (0, "") when there is none."""
        epoch, run = cast(list[bytes | None], self.redis.mget("sr:epoch", "sr:run"))
        return int(epoch or 0), (run or b"").decode()

    def load_each(self, offerings: Sequence[tuple[OfferingSheet, Sequence[Standing]]], *, fence: str) -> list[bool]:
        """Create offerings Redis does not know, each with its live claims, in one round trip. False for one that was there
        already, or must not be loaded yet."""
        return [bool(reply) for reply in self._each("sr_load", fence, [_loaded(*one) for one in offerings])]

    def offer(self, kind: str, offering_id: int, pool: str, wanted: int, *, fence: str) -> list[Claim]:
        """Let promotions hold free seats of a pool until as many as `wanted` are under way; returns the new ones."""
        return promotions(self._fenced("sr_offer", fence, [kind, offering_id, pool, wanted]))

    def unload(self, kind: str, offering_id: int, *, fence: str) -> int:
        """Forget an offering that is over; returns how many live claims it had."""
        return int(self._fenced("sr_unload", fence, [kind, offering_id]))

    def loaded(self) -> set[tuple[str, int]]:
        """(kind, id) of every offering that Redis knows."""
        members: Any = self.redis.smembers("sr:loaded")
        return {(kind, int(offering)) for kind, _, offering in (one.decode().partition(":") for one in members)}

    def describe_each(self, sheets: Sequence[OfferingSheet], *, fence: str) -> list[int]:
        """Hand over newer descriptions in one round trip; of each: 1 taken, 0 not newer, -1 the offering is not loaded."""
        return [int(reply) for reply in self._each("sr_describe", fence, [description(sheet) for sheet in sheets])]

    def withdraw(
        self, kind: str, offering_id: int, pool: str, withdrawal: str, *, seats: int, places: int, fence: str
    ) -> int:
        """Take seats and places out if so many are free: 1 done, 0 not free, -1 not loaded."""
        return int(self._fenced("sr_withdraw", fence, [kind, offering_id, pool, withdrawal, seats, places]))

    def restore(self, kind: str, offering_id: int, pool: str, withdrawal: str, *, fence: str) -> bool:
        """Give back what `withdraw` took out; False when nothing is out any more."""
        return bool(self._fenced("sr_restore", fence, [kind, offering_id, pool, withdrawal]))

    def repair(self, size: Resize, *, seen: tuple[int, int], taken: int, waiting: int, fence: str) -> bool:
        """Set a pool's counters to MariaDB's, unless they moved since `seen` (seats, waiting) or claims are pending."""
        counters = (size.capacity, size.line_capacity, taken, waiting, size.version)
        args = [size.kind, size.offering_id, size.pool, *seen, *counters]
        return bool(self._fenced("sr_repair", fence, args))

    def standings(self, claim_ids: Sequence[str], *, fence: str) -> list[Standing | None]:
        """What Redis knows of these claims, None where it knows nothing. Raises EpochError."""
        replies = self._fenced("sr_standings", fence, claim_ids)
        return [standing_of(claim_id, reply) for claim_id, reply in zip(claim_ids, replies, strict=True)]

    def pending_claims(self, claim_ids: Sequence[str], *, fence: str) -> list[Claim]:
        """Those of these claims that Redis holds as pending, as they were first published. Raises EpochError."""
        replies = self._fenced("sr_standings", fence, claim_ids)
        claims = [claim_of(claim_id, reply) for claim_id, reply in zip(claim_ids, replies, strict=True) if reply]
        return [claim for claim, reply in zip(claims, (r for r in replies if r), strict=True) if reply[5] == b"pending"]

    def seats(self, kind: str, offering_ids: Sequence[int], *, fence: str) -> list[dict[str, tuple[int, int]]]:
        """Per offering: pool → (seats left, waiting); {} when it is not loaded. Raises EpochError."""
        return [
            {pool: (max(0, seats), waiting) for pool, (seats, waiting, _, _) in pools.items()}
            for pools in self.counters(kind, offering_ids, fence=fence)
        ]

    def counters(
        self, kind: str, offering_ids: Sequence[int], *, fence: str
    ) -> list[dict[str, tuple[int, int, int, int]]]:
        """Like `seats`, as they are (seats may be below zero for a moment), with the seats that promotions under way
        hold, and the places left in the line."""
        replies: list[list[bytes]] = []
        for at in range(0, len(offering_ids), COUNTERS_AT_ONCE):
            replies += self._fenced("sr_counters", fence, [kind, *offering_ids[at : at + COUNTERS_AT_ONCE]])
        return [
            {
                reply[at].decode(): (int(reply[at + 1]), int(reply[at + 2]), int(reply[at + 3]), int(reply[at + 4]))
                for at in range(0, len(reply), 5)
            }
            for reply in replies
        ]

    def take_changed(self, most: int) -> list[tuple[str, int]]:
        """Up to `most` (kind, id) of offerings whose counters moved; each is told once."""
        members: Any = self.redis.spop("sr:changed", most) or ()
        return [(kind, int(offering)) for kind, _, offering in (one.decode().partition(":") for one in members)]

    def quiet(self) -> bool:
        """True when nothing is pending but promotions, and no rebuild has steps left."""
        return bool(self._call("sr_quiet", []))

    def pending_of(self, user_id: int, *, fence: str) -> list[Standing]:
        """The user's claims that are not decided yet. Raises EpochError."""
        members: Any = self.redis.smembers(f"sr:mine:{user_id}")
        ids = [member.decode() for member in members]
        return [standing for standing in self.standings(ids, fence=fence) if standing] if ids else []

    def _fenced(self, function: str, fence: str, args: Sequence[Any]) -> Any:
        try:
            return self.redis.fcall_fenced(function, fence, args)
        except ResponseError as error:
            raise _epoch_error(error) or error from error

    def _each(self, function: str, fence: str, calls: Sequence[Sequence[Any]]) -> list[Any]:
        try:
            return self.redis.fcall_each_fenced(function, fence, calls)
        except ResponseError as error:
            raise _epoch_error(error) or error from error

    def _call(self, function: str, args: list[Any]) -> Any:
        try:
            return self.redis.fcall(function, 0, *args)
        except ResponseError as error:
            raise _epoch_error(error) or error from error


def _loaded(sheet: OfferingSheet, standings: Sequence[Standing]) -> list[Any]:
    args: list[Any] = [*description(sheet), len(sheet.pools)]
    for pool in sheet.pools:
        args += (pool.name, pool.capacity, pool.line_capacity, pool.version)
    args.append(len(standings))
    for standing in standings:
        args += item_fields(standing)
    return args


def _epoch_error(error: ResponseError) -> EpochError | None:
    word, _, rest = str(error).partition(" ")
    if word == "NOEPOCH" or "Function not found" in str(error):
        return EpochError("missing", 0)
    if word in {"EPOCH", "STALE"}:
        return EpochError("behind" if word == "EPOCH" else "stale", int(rest))
    return None
