"""A claim: one student's wish for one seat in one offering, and the states it may be in (DESIGN §3)."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any, Literal

from app.extensions.records import record

NAMESPACE = uuid.UUID("5ea7f1a5-0000-5000-8000-000000000000")

Action = Literal["book", "swap", "cancel", "promote"]
Hold = Literal["seat", "line", "any", "none"]
State = Literal["pending", "confirmed", "waitlisted", "rejected", "cancelled", "expired"]

# Actions whose claims hold something once they are granted: a seat, or (never a swap) a place in the line.
TAKING: frozenset[str] = frozenset({"book", "swap"})
FINAL: frozenset[str] = frozenset({"rejected", "cancelled", "expired"})
# What a claim in a given state holds of its pool; a pending one holds what admission gave it.
HOLDS: dict[str, Hold] = {"confirmed": "seat", "waitlisted": "line"}

GENERAL = "0"


def claim_id(user_id: int, action: str, kind: str, offering_id: int, key: str) -> str:
    """UUIDv5 of who wants what, with the browser's Idempotency-Key: the same intention is the same claim."""
    name = f"{user_id}:{action}:{kind}:{offering_id}:{key}".encode()
    digest = hashlib.sha1(NAMESPACE.bytes + name, usedforsecurity=False).hexdigest()
    # uuid.uuid5 by hand: a third of its cost, on every request.
    variant = "89ab"[int(digest[16], 16) & 3]
    return f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"


@record
class Claim:
    """What travels from the gate through the queue to settle.

    `pools` are the pools to try in order before admission; `pool` and `hold` are what admission gave ("any" on the
    direct path, where MariaDB decides). `admitted_at` is in epoch milliseconds; `sequence` is 0 on the direct path.
    `not_before` is the person's own opening time (a time ticket), 0 for the offering's; claims of one `cart` cost one token.
    `waives`: rules over several offerings that do not stand against this person here, "|clash|needs|" by their verdicts.
    A swap takes a seat here and gives up the same person's claim on the offering `drops`, both or neither; 0 for others.
    """

    id: str
    kind: str
    action: Action
    user_id: int
    offering_id: int
    pools: tuple[str, ...] = (GENERAL,)
    pool: str = GENERAL
    hold: Hold = "any"
    line_ok: bool = True
    admitted_at: int = 0
    sequence: int = 0
    target: str = ""
    fingerprint: str = ""
    not_before: int = 0
    cart: str = ""
    waives: str = ""
    drops: int = 0

    @property
    def candidates(self) -> tuple[str, ...]:
        """The pools that it may come to hold a seat of: the one that admission gave it, else all that it names."""
        return self.pools if self.hold == "any" else (self.pool,)

    def admitted(self, *, pool: str, hold: Hold, at: int, sequence: int, target: str = "") -> Claim:
        """The same claim with what admission decided."""
        return Claim(
            id=self.id,
            kind=self.kind,
            action=self.action,
            user_id=self.user_id,
            offering_id=self.offering_id,
            pools=self.pools,
            pool=pool,
            hold=hold,
            line_ok=self.line_ok,
            admitted_at=at,
            sequence=sequence,
            target=target or self.target,
            fingerprint=self.fingerprint,
            not_before=self.not_before,
            cart=self.cart,
            waives=self.waives,
            drops=self.drops,
        )

    @classmethod
    def from_wire(cls, data: dict[str, Any]) -> Claim:
        """Read a claim from a message or the spool. Raises ValueError when it is not one."""
        try:
            fields = {**data, "pools": tuple(data["pools"])}
            fields.pop("epoch", None)  # of an older release: a queue or a spool may still hold it, nobody reads it
            claim = cls(**fields)
            claim._check()
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a claim: {error}") from error
        return claim

    def _check(self) -> None:
        uuid.UUID(self.id)
        numbers = (self.user_id, self.offering_id, self.admitted_at, self.sequence, self.not_before, self.drops)
        if not all(isinstance(number, int) for number in numbers):
            raise ValueError("not a claim: a number is not a number")
        if self.action not in {"book", "swap", "cancel", "promote"} or self.hold not in {"seat", "line", "any", "none"}:
            raise ValueError("not a claim: unknown action or hold")
        if (self.action == "swap") != (self.drops > 0):
            raise ValueError("not a claim: a swap names what it drops, and nothing else does")


@record
class Standing:
    """A claim as it stands: what effects carry, what Redis stores and what the status answers are made of.

    `version` grows with every step; an older one is ignored everywhere. Times are epoch milliseconds, 0 for none.
    """

    id: str
    kind: str
    offering_id: int
    user_id: int
    pool: str
    action: Action
    state: str
    version: int
    reason: str = ""
    admitted_at: int = 0
    decided_at: int = 0
    sequence: int = 0
    target: str = ""
    position: int | None = None

    @property
    def hold(self) -> Hold:
        """What it holds of its pool. Only bookings and swaps hold anything."""
        return HOLDS.get(self.state, "none") if self.action in TAKING else "none"

    @property
    def final(self) -> bool:
        """True when no later step can come."""
        return self.state in FINAL or (self.action not in TAKING and self.state != "pending")
