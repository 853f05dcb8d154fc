"""Accounts as Redis keeps them, read and forgotten; they are written by its functions (functions/05_accounts.lua)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from app.admission.claims import Standing
from app.admission.kinds import Account, Traits
from app.extensions.records import record
from app.extensions.redis import RedisClient

AT_ONCE = 500
# "<kind>:<scope>" → "<epoch>:<mark of the scope>" when everybody's account in it was handed over.
ROSTERS = "sr:rosters"
# What the holds of an account add up to.
SUMS = ("used", "groups", "busy")
# Between the fields and the records of functions/40_mine.lua.
_FIELD, _RECORD = "\x1f", "\x1e"


@record
class Held:
    """What a claim holds of an offering, "seat" or "line", with the group and weight (see Traits) that it was taken
    with. `claim_id` "" and `standing` None while Redis cannot tell; `ending`: another claim is about to end it.
    """

    hold: str
    group: int
    weight: int
    claim_id: str = ""
    standing: Standing | None = None
    ending: bool = False


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """A person's account in a scope, and what they hold there by offering. `current`: see `status.Answer`."""

    account: Account
    holds: dict[int, Held]
    current: bool = False


def slots_field(traits: Traits) -> str:
    """When an offering meets."""
    return ";".join(f"{weekday}:{periods}:{weeks}" for weekday, periods, weeks in traits.slots)


def passed_field(account: Account) -> str:
    """The groups that were passed."""
    return f"|{'|'.join(map(str, account.passed))}|"


def held_field(hold: str, traits: Traits) -> str:
    """What a claim with this hold on an offering brings to the account."""
    return f"{hold}|{traits.weight}|{traits.group}|{slots_field(traits)}"


def sums_of(holds: Collection[str]) -> dict[str, str]:
    """What these `held_field`s add up to; nothing at all when there are none."""
    parts = [one.split("|", 3) for one in holds]
    seats = [(int(weight), slots) for hold, weight, _, slots in parts if hold == "seat"]
    groups, busy = "".join(f"{group}|" for _, _, group, _ in parts), "".join(f";{slots}" for _, slots in seats)
    return {"used": str(sum(weight for weight, _ in seats)), "groups": f"|{groups}", "busy": busy} if parts else {}


def in_any_order(value: str | None) -> list[str] | None:
    """The parts of a field that follows the order in which things came to be held."""
    return None if value is None else sorted(value.replace("|", ";").split(";"))


def accounts_in(redis: RedisClient, kind: str) -> dict[tuple[int, int], dict[str, str]]:
    """(scope, person) → field → value, of every account of a kind. Not in one step: others may change meanwhile."""
    found: dict[tuple[int, int], dict[str, str]] = {}
    for keys in _keys(redis, f"sr:a:{kind}:*"):
        with redis.pipeline(transaction=False) as pipe:
            for key in keys:
                pipe.hgetall(key)
            replies: Any = pipe.execute()
        for key, reply in zip(keys, replies, strict=True):
            scope, user = key.decode().split(":")[3:]
            found[(int(scope), int(user))] = {name.decode(): value.decode() for name, value in reply.items()}
    return found


def forget_accounts(redis: RedisClient, kind: str, current: Collection[int]) -> int:
    """Forget the accounts of scopes that are over, a few at a time; returns how many.

    Safe at any moment: nothing is held there any more once the offerings of the scope are unloaded, and an account that
    is wanted again is handed over again.
    """
    forgotten = 0
    members: Any = redis.smembers("sr:scopes")
    for name, _, scope in (one.decode().partition(":") for one in members):
        if name != kind or int(scope) in current:
            continue
        for keys in _keys(redis, f"sr:a:{kind}:{scope}:*"):
            forgotten += int(redis.unlink(*keys))
        redis.srem("sr:scopes", f"{kind}:{scope}")
        redis.hdel(ROSTERS, f"{kind}:{scope}")
    return forgotten


def _keys(redis: RedisClient, pattern: str) -> Iterator[list[bytes]]:
    """A key may come twice."""
    found = iter(redis.scan_iter(match=pattern, count=AT_ONCE))
    while some := list(islice(found, AT_ONCE)):
        yield some


def own_account(kind: str, scope: int, user: int, text: str) -> OwnAccount:
    """Read one text of `sr_mine`."""
    first, *rest = text.split(_RECORD)
    limit, passed, bar = first.split(_FIELD)
    groups = tuple(int(group) for group in passed.split("|") if group)
    records = [one.split(_FIELD) for one in rest]
    holds = {int(fields[0]): _held(kind, user, fields) for fields in records}
    return OwnAccount(Account(scope, user, int(limit), groups, bar), holds)


def _held(kind: str, user: int, fields: Sequence[str]) -> Held:
    offering, hold, group, weight, claim_id, *known = fields
    if not known:
        return Held(hold, int(group), int(weight), claim_id)
    state, version, action, pool, reason, admitted, decided, sequence, target, ending, position = known
    standing = Standing(
        id=claim_id, kind=kind, offering_id=int(offering), user_id=user, pool=pool,
        action=action.partition(":")[0],  # type: ignore[arg-type]
        state=state, version=int(version), reason=reason, admitted_at=int(admitted or 0), decided_at=int(decided or 0),
        sequence=int(sequence or 0), target=target, position=int(position) if position else None,
    )  # fmt: skip
    return Held(hold, int(group), int(weight), claim_id, standing, ending == "1")
