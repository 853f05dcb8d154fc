"""What a domain supplies so that its offerings can be claimed: a lecture and a course section are two kinds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy.orm import Session

from app.admission.claims import Claim, Standing
from app.extensions.records import record


@dataclass(frozen=True, slots=True)
class PoolSheet:
    """Seats reserved for somebody, or the general pool ("0")."""

    name: str
    capacity: int
    line_capacity: int
    version: int = 1


@dataclass(frozen=True, slots=True)
class Traits:
    """What an offering brings to the rules over several offerings of one person; they hold within a `scope` (a term).

    One live claim per person and `group` (a course). `weight` in tenths of a credit. `slots`: (weekday, mask of periods,
    mask of weeks), masks of at most 31 bits. `needs`: groups that must have been passed.
    """

    scope: int
    group: int
    weight: int = 0
    slots: tuple[tuple[int, int, int], ...] = ()
    needs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """A person's account in a scope: `limit` for the weights, groups `passed`, `bar`: why nothing may be claimed, or "".

    What the person holds is not in it: that follows from the claims.
    """

    scope: int
    user_id: int
    limit: int
    passed: tuple[int, ...] = ()
    bar: str = ""
    version: int = 1


@record
class Opening:
    """When an offering may be claimed, and cancelled, in epoch milliseconds; `frozen`: not even then; `fair`: claims are
    set aside for their lots."""

    opens_at: int
    closes_at: int
    cancel_until: int
    frozen: bool
    fair: bool = False


@dataclass(frozen=True, slots=True)
class FairOpening:
    """A fair opening: claims admitted before `until` (epoch milliseconds) are decided in the order of their lots.

    `paused`: not to be drawn now.
    """

    id: int
    until: int
    seed: bytes
    paused: bool = False


@dataclass(frozen=True, slots=True)
class OfferingSheet:
    """What admission must know of an offering. Times are epoch milliseconds; `version` grows with every edit.

    `fair_until` is not 0 while a fair opening has not been drawn: claims are set aside, and promised nothing. `following`
    is the opening that counts from `closes_at` on, of a kind whose offerings open several times: Redis goes over to it by
    its own clock.
    """

    kind: str
    offering_id: int
    opens_at: int
    closes_at: int
    cancel_until: int
    frozen: bool
    version: int
    pools: tuple[PoolSheet, ...]
    traits: Traits | None = field(default=None, kw_only=True)
    fair_until: int = field(default=0, kw_only=True)
    following: Opening | None = field(default=None, kw_only=True)

    def opening_at(self, at: int) -> Opening:
        """The times that count at a moment, for a kind whose offerings open several times, one after another."""
        return Opening(self.opens_at, self.closes_at, self.cancel_until, self.frozen)


@record
class Step:
    """One claim's step inside a settling transaction. `before` is None for a claim decided for the first time."""

    before: str | None
    after: Standing


class Judge(Protocol):
    """The rules of one kind in one settling transaction, in which it must not commit.

    Asked claim by claim in the order of admission and told of every step in between, so that two claims of one person
    in a batch see each other.
    """

    def lock(self, claims: Sequence[Claim], *, wait: bool = True) -> None:
        """Lock the accounts of these claims' persons: before the pools are locked, and in the order of their ids. Whoever
        holds pools already must not `wait` for one: raises DBAPIError when somebody has it."""

    def read(self, claims: Sequence[Claim]) -> None:
        """Look up, under all locks, what the rules need to know of these claims. Called once, before any is asked for."""

    def refusal(self, claim: Claim) -> str | None:
        """The reason code when the rules forbid this claim now. Windows are judged by `admitted_at`."""

    def pools(self, claim: Claim) -> Sequence[str]:
        """Those of its `candidates` that the claim's person may draw from now, in their order."""

    def fair_opening(self, claim: Claim) -> int:
        """The fair opening, not drawn yet, that decides this claim by lot; 0 for none."""

    def waiter_refusals(self, waiters: Sequence[Standing]) -> Mapping[str, str]:
        """Claim id → reason code, for waiting claims that may no longer be promoted."""

    def stepped(self, before: Standing | None, after: Standing) -> None:
        """A claim of this kind has come to `after` (from nothing when it is decided for the first time)."""


class Kind(Protocol):
    """The hooks of one kind of offering. All run inside the engine's transaction and must not commit."""

    name: str

    def current(self, session: Session) -> Sequence[int]:
        """The ids of all offerings that may still be claimed or cancelled: asked every few seconds, so it must be cheap."""

    def sheets(self, session: Session, offering_ids: Sequence[int]) -> Sequence[OfferingSheet]:
        """Describe these offerings; those that do not exist are left out."""

    def scopes(self, session: Session) -> Sequence[int]:
        """The scopes that are not over: accounts of others are forgotten."""

    def mark(self, session: Session) -> str | None:
        """Changes with every edit of what any sheet of this kind is made of; None when there is no such thing."""

    def rosters(self, session: Session) -> Mapping[int, str]:
        """Scope → mark, of the scopes that will be claimed in: with another mark everybody's account is handed over (again)
        ahead of it. Asked every few seconds, so it must be cheap."""

    def people(self, session: Session) -> Sequence[int]:
        """Everybody who may claim."""

    def accounts(
        self, session: Session, users: Collection[int] | None, scopes: Collection[int] | None = None
    ) -> Sequence[Account]:
        """The accounts of these persons (None: of all who have one of their own) in these scopes (None: the current ones).
        Their version is the database's time
        before anything else was read, so that nothing read earlier ever replaces what was read after a change."""

    def judge(self, session: Session) -> Judge:
        """The rules for one settling transaction."""

    def waiter_refusals(self, session: Session, waiters: Sequence[Standing]) -> Mapping[str, str]:
        """Claim id → reason code, for waiting claims that may no longer be promoted, as a reader sees it."""

    def heirs(self, session: Session, offering_id: int, pool: str, limit: int) -> Sequence[Standing]:
        """Claims that wait in the line of another pool and may have a seat of this one, in order of admission."""

    def fair_openings(self, session: Session, opening_ids: Sequence[int]) -> Sequence[FairOpening]:
        """These fair openings, and every other that has not been drawn."""

    def drawn(self, session: Session, opening_id: int, now_ms: int) -> None:
        """Every claim that was set aside is decided: from now on it is first come, first served."""

    def record(self, session: Session, steps: Sequence[Step]) -> None:
        """Write the domain's own rows for these steps (only `book` claims are passed)."""


Kinds = Mapping[str, Kind]
