"""Every step the protocol can take from a state: clients, web workers, consumers, effects, healing, faults.

`steps` returns (label, next state, kind): `CLIENT` steps are wishes, `FAULT` steps cost budget, `SYSTEM` steps are what
the running system does by itself. A state without system steps is quiescent: everything healed.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.model import redis
from tests.model.gate import client_steps, worker_steps
from tests.model.settle import settle
from tests.model.state import (
    DOWN,
    LINE,
    NONE,
    OLD_EPOCH_BIT,
    OPEN,
    PENDING,
    RECORDING,
    SEAT,
    STATE_NAMES,
    Effect,
    Scenario,
    State,
    World,
)

CLIENT, SYSTEM, FAULT = "client", "system", "fault"
Labelled = tuple[str, State, str]


def steps(sc: Scenario, state: State) -> list[Labelled]:
    """All steps from this state."""
    before, late, left = state[3], state[12], state[14]
    out = [(label, w.freeze(before), CLIENT) for label, w in client_steps(sc, state)]
    out += [(label, w.freeze(before), FAULT if f else SYSTEM) for label, w, f in worker_steps(sc, state)]
    # To unpack a state is what a search costs: a part that has nothing to do is not asked.
    parts = (
        (_consume, state[5]), (_effects, state[10]), (_spool, state[6]), (_sweep, any(before[3])), (_marks, late),
        (_rebuild, before[0] != OPEN or before[4]), (_redis_faults, left),
    )  # fmt: skip
    for part, busy in parts:
        out += [(label, w.freeze(before), kind) for label, w, kind in part(sc, state)] if busy else []
    return out


def _consume(sc: Scenario, state: State) -> Iterator[tuple[str, World, str]]:
    """A consumer takes any message (no order), settles it in one transaction, acknowledges it.

    Killed before the commit: nothing happened, so no step of its own. Killed after it, before the ack (or the reply of
    the commit lost and everything retried): the message stays. Killed after the ack: the outbox row is already there.
    """
    for (claim, ask), copies in World(sc, state).queue.items():
        w = World(sc, state)
        effects = settle(w, claim, ask)
        w.take(claim, ask)
        if effects:
            w.row(effects)
        elif sc.guards.skip_clears_mark:
            w.marks &= ~(1 << claim)
        yield f"claim {claim} settled: {_show(effects)}", w, SYSTEM
        if w.can("consumer_crash"):
            w = World(sc, state)
            w.left -= 1
            effects = settle(w, claim, ask)
            if effects and sc.guards.outbox_in_transaction:
                w.row(effects)
            yield f"FAULT claim {claim} settled, killed before the ack: {_show(effects)}", w, FAULT
            if not sc.guards.ack_after_commit:
                w = World(sc, state)
                w.left -= 1
                w.take(claim, ask)
                yield f"FAULT claim {claim} acknowledged, killed before the commit", w, FAULT
        if w.can("duplicate") and copies == 1:
            w = World(sc, state)
            w.left -= 1
            w.send(claim, ask)
            yield f"FAULT claim {claim} duplicated in the broker", w, FAULT


def _show(effects: list[Effect]) -> str:
    return ", ".join(f"{c} {STATE_NAMES[s]} v{v}" for c, s, v in effects) or "already decided"


def _effects(sc: Scenario, state: State) -> Iterator[tuple[str, World, str]]:
    """An outbox row brought to Redis and ZooKeeper: any order, at least once."""
    w = World(sc, state)
    if w.mode == DOWN or (w.mode == RECORDING and sc.guards.epoch_fence):
        return
    for i, (effects, delivered) in enumerate(w.outbox):
        if delivered:
            continue
        for again in (False, True) if w.can("late_effect") else (False,):
            w = World(sc, state)
            redis.apply(w, effects)
            for claim, _, _ in effects:
                w.marks &= ~(1 << claim)
            w.left -= again
            if not again:
                w.outbox = (*w.outbox[:i], (effects, True), *w.outbox[i + 1 :])
            label = f"effects applied: {_show(list(effects))}"
            yield ("FAULT (will come again) " if again else "") + label, w, FAULT if again else SYSTEM


def _spool(sc: Scenario, state: State) -> Iterator[tuple[str, World, str]]:
    """The broker is back: the spool is published."""
    for claim, ask in World(sc, state).spool:
        w = World(sc, state)
        w.spool.remove((claim, ask))
        w.send(claim, ask)
        yield f"spool of claim {claim} published", w, SYSTEM


def _sweep(sc: Scenario, state: State) -> Iterator[tuple[str, World, str]]:
    """A pending claim nobody carries any more: decided → its effect again, undecided → published again.

    An early sweep (the worker is only slow) is a fault of its own.
    """
    w = World(sc, state)
    if not sc.guards.sweep or w.mode != OPEN:
        return
    busy = w.under_way() | {e[0] for r in w.outbox if not r[1] for e in r[0]}
    for claim, rec in enumerate(w.recs):
        if not rec or rec[0] != PENDING:
            continue
        if claim in busy:
            if w.can("early_sweep") and claim in {e[0] for e in state[2]}:
                early = World(sc, state)
                early.left -= 1
                early.send(claim, redis.asks_for(rec))
                yield f"FAULT sweep: claim {claim} published while its worker is slow", early, FAULT
            continue
        w = World(sc, state)
        if (row := w.dec[claim]) is not None:
            redis.apply(w, [(claim, *row)])
            w.marks &= ~(1 << claim)
            yield f"sweep: effect of claim {claim} again", w, SYSTEM
        else:
            w.send(claim, redis.asks_for(rec))
            yield f"sweep: claim {claim} published", w, SYSTEM


def _marks(sc: Scenario, state: State) -> Iterator[tuple[str, World, str]]:
    """A mark that was not created in time lands; its own completion deletes it."""
    w = World(sc, state)
    for claim in range(len(sc.claims)):
        if w.late & 1 << claim:
            w = World(sc, state)
            w.late &= ~(1 << claim)
            if not sc.guards.late_mark_callback:
                w.marks |= 1 << claim
            yield f"mark of claim {claim} lands late", w, SYSTEM


def _redis_faults(sc: Scenario, state: State) -> Iterator[tuple[str, World, str]]:
    """Redis comes back empty, or as it was some writes ago."""
    w = World(sc, state)
    if w.mode == DOWN:
        return
    if w.can("empty") or (w.can("stale") and sc.guards.whole_gate):
        # stale is lost: another run id than the reconciled one, so nothing it says is trusted
        w.left -= 1
        _lose(w)
        yield "FAULT Redis lost everything (or came back stale)", w, FAULT
    w = World(sc, state)
    for k, old in enumerate(w.hist):
        w = World(sc, state)
        w.left -= 1
        w.hist = w.hist[k + 1 :]
        w.mode, seats, line, recs, _ = old
        w.seats, w.line, w.recs = list(seats), list(line), list(recs)
        w.replay_due = sc.guards.replay_outbox
        yield f"FAULT Redis lost its last {k + 1} writes", w, FAULT


def _lose(w: World) -> None:
    w.mode, w.recs, w.snap = DOWN, [None] * len(w.recs), None
    w.seats, w.line = [0] * len(w.sc.sizes), [0] * len(w.sc.sizes)
    if w.sc.stamped:
        w.told = [(b | OLD_EPOCH_BIT, v) if sent else (b, v) for (b, v), sent in zip(w.told, w.sent, strict=True)]


def _rebuild(sc: Scenario, state: State) -> Iterator[tuple[str, World, str]]:
    """Fence with a new epoch, drain the old one, snapshot MariaDB, load, open; or replay the outbox."""
    w = World(sc, state)
    if w.replay_due:
        w.outbox = tuple((effects, False) for effects, _ in w.outbox)
        w.replay_due = False
        redis.withhold(w)
        yield "reconcile: the recent outbox is replayed", w, SYSTEM
    elif w.mode == DOWN:
        w.mode = RECORDING
        if not sc.guards.epoch_fence:
            w.seats, w.line = [size[0] for size in sc.sizes], [size[1] for size in sc.sizes]
        yield "a new epoch begins, the gate records", w, SYSTEM
    elif w.mode == RECORDING and w.snap is None:
        strangers = {c for c in w.under_way() if w.recs[c] is None and w.dec[c] is None}
        if not sc.guards.drain or not strangers:
            w.snap = tuple(w.dec)
            yield "rebuild: snapshot of MariaDB", w, SYSTEM
        elif w.can("write_off") and strangers.isdisjoint({e[0] for e in (*w.web, *w.queue)}):
            w.left -= 1
            if sc.guards.void_written_off:
                w.spool = {(c, NONE if c in strangers else ask) for c, ask in w.spool}
            w.snap = tuple(w.dec)
            yield f"FAULT spool of {sorted(strangers)} written off, snapshot of MariaDB", w, FAULT
    elif w.mode == RECORDING:
        _load(w)
        yield "rebuild: loaded, gate open", w, SYSTEM


def _load(w: World) -> None:
    """Decisions of the snapshot, pending claims recorded in this epoch, counters from both; then open."""
    snapshot, w.snap, w.mode = w.snap, None, OPEN
    w.recs = [
        (row[0], row[1], redis.held(row[0])) if row else (rec if rec and rec[0] == PENDING else None)
        for row, rec in zip(snapshot, w.recs, strict=True)
    ]
    holds = [(spec.offering, rec[2]) for spec, rec in zip(w.sc.specs, w.recs, strict=True) if rec]
    w.seats = [capacity - holds.count((at, SEAT)) for at, (capacity, _) in enumerate(w.sc.sizes)]
    w.line = [line - holds.count((at, LINE)) for at, (_, line) in enumerate(w.sc.sizes)]
    redis.withhold(w)
