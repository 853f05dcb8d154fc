"""What travels to the Redis functions and back: offerings, claims and sizes as flat fields, as functions/ document them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.admission.account_store import slots_field
from app.admission.claims import Claim, Standing
from app.admission.kinds import OfferingSheet


@dataclass(frozen=True, slots=True)
class Resize:
    """The size of a pool as MariaDB has it; an older `version` changes nothing. It ends its `withdrawal` in any case."""

    kind: str
    offering_id: int
    pool: str
    capacity: int
    line_capacity: int
    version: int
    withdrawal: str = ""


def description(sheet: OfferingSheet) -> tuple[Any, ...]:
    """An offering as sr_load and sr_describe take it."""
    return (
        sheet.kind, sheet.offering_id, sheet.opens_at, sheet.closes_at, sheet.cancel_until,
        1 if sheet.frozen else 0, sheet.version, *_traits(sheet), _following(sheet),
    )  # fmt: skip


def _following(sheet: OfferingSheet) -> str:
    one = sheet.following
    if one is None:
        return ""
    return f"{one.opens_at}:{one.closes_at}:{one.cancel_until}:{one.frozen:d}:{one.fair:d}"


def _traits(sheet: OfferingSheet) -> tuple[Any, ...]:
    traits = sheet.traits
    if traits is None:
        return ("", "", 0, "", "", "")
    return (
        traits.scope,
        traits.group,
        traits.weight,
        slots_field(traits),
        "|".join(map(str, traits.needs)),
        sheet.fair_until or "",
    )


def item_fields(item: Standing | Resize) -> tuple[Any, ...]:
    """A step of a claim, or a size, as sr_apply takes it."""
    if isinstance(item, Resize):
        return (
            item.withdrawal, item.kind, item.offering_id, 0, item.pool, "resize", "", item.version, "", item.capacity, "none",
            item.line_capacity, 0, "",
        )  # fmt: skip
    return (
        item.id, item.kind, item.offering_id, item.user_id, item.pool, item.action, item.state, item.version,
        item.reason, item.decided_at, item.hold, item.admitted_at, item.sequence, item.target,
    )  # fmt: skip


def promotions(flat: list[bytes]) -> list[Claim]:
    """The claims of promotions that sr_apply and sr_offer began."""
    return [
        Claim(
            id=flat[at].decode(), kind=flat[at + 1].decode(), action="promote", user_id=0, offering_id=int(flat[at + 2]),
            pools=(flat[at + 3].decode(),), pool=flat[at + 3].decode(), hold="seat", line_ok=False,
            admitted_at=int(flat[at + 4]),
        )
        for at in range(0, len(flat), 5)
    ]  # fmt: skip


def claim_of(claim_id: str, reply: list[bytes]) -> Claim:
    """A claim as it was first published, by its reply of sr_standings."""
    standing = standing_of(claim_id, reply)
    assert standing is not None  # noqa: S101 - only called with a reply
    drops = reply[4].decode().partition(":")[2]
    pools = reply[14].decode() or standing.pool
    return Claim(
        id=claim_id, kind=standing.kind, action=standing.action, user_id=standing.user_id,
        offering_id=standing.offering_id, pools=tuple(pools.split("|")), pool=standing.pool,
        hold=reply[12].decode(), line_ok=reply[13] == b"1", admitted_at=standing.admitted_at,  # type: ignore[arg-type]
        sequence=standing.sequence, target=standing.target, drops=int(drops or 0),
    )  # fmt: skip


def standing_of(claim_id: str, reply: list[bytes]) -> Standing | None:
    """Where a claim stands, by its reply of sr_standings; None for an unknown one."""
    if not reply:
        return None
    (kind, offering, user, pool, action, state, version, reason, admitted, decided, sequence, target, _, _, _,
     position) = (field.decode() for field in reply)  # fmt: skip
    return Standing(
        id=claim_id, kind=kind, offering_id=int(offering), user_id=int(user), pool=pool,
        action=action.partition(":")[0],  # type: ignore[arg-type]
        state=state, version=int(version), reason=reason, admitted_at=int(admitted or 0), decided_at=int(decided or 0),
        sequence=int(sequence or 0), target=target, position=int(position) if position else None,
    )  # fmt: skip
