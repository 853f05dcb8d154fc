"""What the model remembers: the constants, the scenario, and one world (frozen to a tuple for the search)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.model.guards import ALL, Guards

PENDING, WAITLISTED, CONFIRMED, REJECTED, CANCELLED, DONE, REFUSED = range(7)
STATE_NAMES = ("pending", "waitlisted", "confirmed", "rejected", "cancelled", "done", "refused")
ACTIVE = (WAITLISTED, CONFIRMED)
LIVE = (PENDING, WAITLISTED, CONFIRMED)
NONE, SEAT, LINE = range(3)  # what a claim holds in Redis; also what a message asks for
OPEN, DOWN, RECORDING = range(3)  # the gate: trusted; data lost and not yet noticed by all; new epoch, being built
BOOK, SWAP, CANCEL, PROMOTE = "book", "swap", "cancel", "promote"
TAKING = (BOOK, SWAP)  # what holds something once it is granted
ACCEPTED_BIT, REFUSED_BIT, OLD_EPOCH_BIT = 1, 2, 4
COPIES = 2  # more copies of one message than this behave like this many

Decision = tuple[int, int] | None  # (state, version): a decision row of MariaDB
Record = tuple[int, int, int] | None  # (state, version, hold): a claim record of Redis
Effect = tuple[int, int, int]  # (claim, state, version)
State = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Spec:
    """One intention of one user: a booking, the cancellation of `target` (an index into the scenario's claims), or a swap,
    which takes a seat and gives up `target`."""

    user: int
    action: str = BOOK
    target: int = -1
    may_wait: bool = True  # accepts a place in the line when no seat is left
    retries: int = 0  # how often the client sends the same key again
    offering: int = 0
    after: int = -1  # sent only after that claim was sent (symmetry: equal users in one order)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One bounded world to search: who wants what, what may break, how often."""

    name: str
    claims: tuple[Spec, ...]
    capacity: int = 1
    line: int = 0
    faults: frozenset[str] = frozenset()
    budget: int = 0
    promotes: int = 0  # slots for promote claims alive at the same time
    lost_writes: int = 2  # how many of the last Redis writes a stale fail-over may lose
    marks: bool = False
    asks: bool = False  # the client asks for the status at any time, and remembers it
    stamped: bool = False  # requests carry the epoch their key was made in; an older one is never admitted nor refused
    withhold_for_pending: bool = False  # plan.md as first written: any waiter counts, not only a settled one
    more: tuple[tuple[int, int], ...] = ()  # (capacity, line) of further offerings
    exclusive: bool = False  # a person's account: seats in two offerings clash
    guards: Guards = field(default=ALL)
    specs: tuple[Spec, ...] = field(init=False)  # the users' claims, then the slots of Redis's own promote claims
    sizes: tuple[tuple[int, int], ...] = field(init=False)  # (capacity, line) by offering

    def __post_init__(self) -> None:
        """A promotion needs a line: its slots are of the last offering that has one."""
        sizes = ((self.capacity, self.line), *self.more)
        lined = max((o for o, (_, line) in enumerate(sizes) if line), default=0)
        slot = Spec(user=-1, action=PROMOTE, offering=lined)
        object.__setattr__(self, "specs", self.claims + (slot,) * self.promotes)
        object.__setattr__(self, "sizes", sizes)


class World:
    """One state, unpacked so that an action can change it; `freeze` gives the canonical tuple back."""

    __slots__ = (
        "dec", "hist", "late", "left", "line", "marks", "mode", "outbox", "queue", "recs", "replay_due", "sc",
        "seats", "sent", "snap", "spool", "taken", "told", "waiting", "web",
    )  # fmt: skip

    def __init__(self, sc: Scenario, state: State) -> None:
        self.sc = sc
        (sent, told, self.web, redis, self.hist, queue, spool, dec, taken, waiting, self.outbox,
         self.marks, self.late, self.snap, self.left) = state  # fmt: skip
        self.mode, seats, line, recs, self.replay_due = redis
        self.seats, self.line, self.taken, self.waiting = list(seats), list(line), list(taken), list(waiting)
        self.sent, self.told = list(sent), list(told)
        self.recs: list[Record] = list(recs)
        self.dec: list[Decision] = list(dec)
        self.queue, self.spool = dict(queue), set(spool)

    def redis(self) -> tuple[Any, ...]:
        """The part that Redis holds, as a fail-over to a lagging replica would bring it back."""
        return (self.mode, tuple(self.seats), tuple(self.line), tuple(self.recs), self.replay_due)

    def can(self, fault: str) -> bool:
        """Whether this fault may still happen."""
        return self.left > 0 and fault in self.sc.faults

    def send(self, claim: int, ask: int) -> None:
        """One more copy of the claim's message in the broker."""
        self.queue[claim, ask] = min(self.queue.get((claim, ask), 0) + 1, COPIES)

    def take(self, claim: int, ask: int) -> None:
        """One copy acknowledged."""
        left = self.queue[claim, ask] - 1
        if left:
            self.queue[claim, ask] = left
        else:
            del self.queue[claim, ask]

    def row(self, effects: list[Effect]) -> None:
        """An outbox row, not yet delivered."""
        self.outbox = (*self.outbox, (tuple(effects), False))

    def under_way(self) -> set[int]:
        """Claims some part of the path still carries: a web worker, the broker, a spool."""
        return {e[0] for e in self.web} | {c for c, _ in self.queue} | {c for c, _ in self.spool}

    def freeze(self, before: tuple[Any, ...] | None = None) -> State:
        """The canonical tuple. `before`: Redis as it was before this action, kept if a fail-over may bring it back."""
        if not self.can("stale") or self.mode != OPEN or self.sc.guards.whole_gate:
            self.hist = ()
        elif before is not None and before != self.redis():
            self.hist = (before, *self.hist)[: self.sc.lost_writes]
        replayable = self.replay_due or (self.can("stale") and not self.sc.guards.whole_gate)
        if not replayable:
            self.outbox = tuple(r for r in self.outbox if not r[1])
        self._forget_promotes()
        return (
            tuple(self.sent), tuple(self.told), tuple(sorted(self.web)), self.redis(), self.hist,
            tuple(sorted(self.queue.items())), tuple(sorted(self.spool)), tuple(self.dec), tuple(self.taken),
            tuple(self.waiting), tuple(sorted(set(self.outbox))), self.marks, self.late, self.snap, self.left,
        )  # fmt: skip

    def _forget_promotes(self) -> None:
        """Free the slot of a promote claim that no part remembers: its number is as good as a new one."""
        n = len(self.sc.claims)
        for c in range(n, n + self.sc.promotes):
            rec = self.recs[c]
            if (rec is None and self.dec[c] is None) or (rec is not None and rec[0] == PENDING):
                continue
            if c in self.under_way() or any(e[0] == c for r in self.outbox for e in r[0]):
                continue
            if self.snap is None and not any(h[3][c] for h in self.hist) and self.mode == OPEN:
                self.recs[c] = self.dec[c] = None


def initial(sc: Scenario) -> State:
    """Nothing sent yet, the gate open."""
    n = len(sc.specs)
    nothing = (0,) * len(sc.sizes)
    redis = (OPEN, tuple(size[0] for size in sc.sizes), tuple(size[1] for size in sc.sizes), (None,) * n, False)
    users = len(sc.claims)
    return (
        (0,) * users, ((0, 0),) * users, (), redis, (), (), (), (None,) * n, nothing, nothing, (), 0, 0, None, sc.budget,
    )  # fmt: skip
