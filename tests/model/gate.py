"""The web worker: admit, mark, publish, answer; and the client that asks, asks again, and is told."""

from __future__ import annotations

from collections.abc import Iterator

from tests.model import redis
from tests.model.settle import ViolationError
from tests.model.state import (
    ACCEPTED_BIT,
    ACTIVE,
    CANCEL,
    DOWN,
    LIVE,
    NONE,
    OLD_EPOCH_BIT,
    OPEN,
    PENDING,
    RECORDING,
    REFUSED,
    REFUSED_BIT,
    SEAT,
    STATE_NAMES,
    SWAP,
    Scenario,
    State,
    World,
)

Step = tuple[str, World]
Entry = tuple[int, int, bool]  # what a web worker carries: claim, what it asks for, marked
HELD = ("nothing", "seat", "line")


def tell(w: World, claim: int, bit: int) -> None:
    """The client was answered 202 (accepted) or 409 (refused)."""
    bits, version = w.told[claim]
    w.told[claim] = (bits | bit, version)


def client_steps(sc: Scenario, state: State) -> Iterator[Step]:
    """Every request a client may send now, admitted at once (a request on its way is a request not yet sent)."""
    look = World(sc, state)
    for claim in range(len(sc.claims)):
        if not _may_send(look, claim):
            continue
        w = World(sc, state)
        if w.told[claim][0] & REFUSED_BIT and sc.guards.fresh_key_after_refusal:
            w.left -= 1
        w.sent[claim] += 1
        yield f"{_name(sc, claim)}: {_gate(w, claim)}", w
        if w.can("admit_twice") and w.mode == OPEN:
            yield _twice(sc, state, claim)
        if w.can("cut"):
            yield from _cut(sc, state, claim)
    if sc.asks:
        yield from _asks(sc, state)


def _name(sc: Scenario, claim: int) -> str:
    s = sc.claims[claim]
    return f"user {s.user} sends claim {claim}" + (f" ({s.action} {s.target})" if s.target >= 0 else "")


def _may_send(w: World, claim: int) -> bool:
    spec = w.sc.claims[claim]
    if w.sent[claim] > spec.retries:
        return False
    if w.sent[claim] and w.told[claim][0] & REFUSED_BIT and w.sc.guards.fresh_key_after_refusal:
        return w.can("double_click")  # the second request was on its way before the first was answered
    if spec.after >= 0 and not w.sent[spec.after]:
        return False
    if spec.action in {CANCEL, SWAP} and not w.sent[claim]:
        rec, row = w.recs[spec.target], w.dec[spec.target]
        return bool((rec and rec[0] in LIVE and w.mode != DOWN) or (row and row[0] in ACTIVE))
    return True


def _gate(w: World, claim: int) -> str:
    """One request through the gate; returns what happened, for the trace."""
    if w.told[claim][0] & OLD_EPOCH_BIT and w.recs[claim] is None:
        return "of an older epoch and not known: neither admitted nor refused, 503 unknown"
    if w.mode != OPEN:
        return _direct(w, claim)
    answer, ask = redis.admit(w, claim)
    if answer == redis.REFUSED_ANSWER:
        tell(w, claim, REFUSED_BIT)
        return "refused (409), told"
    if answer == redis.REPLAY:
        tell(w, claim, ACCEPTED_BIT)
        return "replay of a decided claim, 202"
    if answer == redis.REPLAY_PENDING and not w.sc.guards.replay_publishes:
        tell(w, claim, ACCEPTED_BIT)
        return "replay recognised, 202"
    _enter(w, claim, ask)
    rec = w.recs[claim]
    return f"admitted, holds {HELD[rec[2]]}" if rec and answer == redis.ACCEPTED else "replay of a pending claim"


def _enter(w: World, claim: int, ask: int) -> None:
    """A web worker now carries the claim: to be marked (where marks are modelled), then published."""
    w.web = (*w.web, (claim, ask, not w.sc.marks))


def _direct(w: World, claim: int) -> str:
    """Redis is not to be trusted: nobody is refused, MariaDB decides; recorded in the new epoch if that has begun."""
    if w.mode == RECORDING:
        _record(w, claim)
    _enter(w, claim, SEAT)
    return "direct path" + (", recorded" if w.mode == RECORDING and w.recs[claim] else "")


def _record(w: World, claim: int) -> None:
    """Note the claim in the epoch being built: pending, holding nothing yet."""
    if w.recs[claim] is None and w.sc.guards.record_while_rebuilding:
        w.recs[claim] = (PENDING, 0, NONE)


def _twice(sc: Scenario, state: State, claim: int) -> Step:
    """The client library repeats a timed-out admit by itself."""
    w = World(sc, state)
    w.left -= 1
    w.sent[claim] += 1
    first = redis.admit(w, claim)
    second = redis.admit(w, claim)
    refused = second[0] == redis.REFUSED_ANSWER
    if refused:
        tell(w, claim, REFUSED_BIT)
    else:
        _enter(w, claim, second[1])
    return f"{_name(sc, claim)}: FAULT admit ran twice ({first[0]}, {second[0]})", w


def _cut(sc: Scenario, state: State, claim: int) -> Iterator[Step]:
    """This worker alone can't reach a Redis that serves the others; its request may or may not have run there."""
    for ran in (False, True):
        w = World(sc, state)
        if w.mode == DOWN:
            return
        w.left -= 1
        w.sent[claim] += 1
        ask = NONE
        if ran and w.mode == OPEN:
            ask = redis.admit(w, claim)[1]
        elif ran:
            _record(w, claim)
        label = f"{_name(sc, claim)}: FAULT worker cut off from Redis (admit {'ran' if ran else 'did not run'})"
        if sc.guards.no_lone_direct:
            yield f"{label}, 503 unknown", w
        else:
            _enter(w, claim, ask or SEAT)
            yield f"{label}, direct path", w


def _asks(sc: Scenario, state: State) -> Iterator[Step]:
    """The client asks for the status: Redis first, MariaDB when Redis is not whole or does not know."""
    for claim in range(len(sc.claims)):
        w = World(sc, state)
        if not w.sent[claim]:
            continue
        rec, row = (w.recs[claim] if w.mode == OPEN else None), w.dec[claim]
        if w.snap is None or not sc.guards.hush_while_loading:
            yield from _told(w, claim, rec[:2] if rec else row, "")
        w = World(sc, state)
        if w.can("cut") and w.mode == OPEN and not sc.guards.no_lone_direct:
            w.left -= 1
            yield from _told(w, claim, row, " a worker cut off from Redis")


def _told(w: World, claim: int, answer: tuple[int, int] | None, whom: str) -> Iterator[Step]:
    """The client hears a settled state, which must never be older than what it heard before."""
    if answer is None or answer[0] == REFUSED:
        return
    bits, version = w.told[claim]
    if answer[1] < version:
        raise ViolationError(
            f"client of claim {claim} was told version {version}, now {STATE_NAMES[answer[0]]} v{answer[1]}"
        )
    if answer[1] > version:
        w.told[claim] = (bits, answer[1])
        yield f"client of claim {claim} asks{whom}: {STATE_NAMES[answer[0]]}", w


def worker_steps(sc: Scenario, state: State) -> Iterator[tuple[str, World, bool]]:
    """What can become of a claim a web worker carries. The flag says whether it is a fault."""
    for entry in dict.fromkeys(state[2]):
        claim, ask, marked = entry
        if not marked:
            yield from _mark(sc, state, entry)
            continue
        w = _without(sc, state, entry)
        w.send(claim, ask)
        tell(w, claim, ACCEPTED_BIT)
        yield f"claim {claim} published, confirmed, 202", w, False
        if w.can("web_crash"):
            yield _killed(sc, state, entry, delivered=True)
            yield _killed(sc, state, entry, delivered=False)
        if w.can("unknown_publish"):
            yield _unknown(sc, state, entry, delivered=True)
            yield _unknown(sc, state, entry, delivered=False)


def _without(sc: Scenario, state: State, entry: Entry, cost: int = 0) -> World:
    """The world in which the worker no longer carries this entry."""
    w = World(sc, state)
    web = list(w.web)
    web.remove(entry)
    w.web, w.left = tuple(web), w.left - cost
    return w


def _mark(sc: Scenario, state: State, entry: Entry) -> Iterator[tuple[str, World, bool]]:
    """The worker creates the mark, or waits its bound in vain: then it goes on, and the mark may land later."""
    claim, ask, _ = entry
    w = _without(sc, state, entry)
    w.web = (*w.web, (claim, ask, True))
    w.marks |= 1 << claim
    yield f"claim {claim} marked", w, False
    if w.can("late_mark") and not w.late & 1 << claim:
        w = _without(sc, state, entry, 1)
        w.web = (*w.web, (claim, ask, True))
        w.late |= 1 << claim
        yield f"FAULT mark of claim {claim} not created in time", w, True


def _killed(sc: Scenario, state: State, entry: Entry, *, delivered: bool) -> tuple[str, World, bool]:
    """kill -9: the client hears nothing, the session's marks expire."""
    claim, ask, _ = entry
    w = _without(sc, state, entry, 1)
    w.marks &= ~(1 << claim)
    if delivered:
        w.send(claim, ask)
    where = "after the publish, before the answer" if delivered else "after admit, before the publish"
    return f"FAULT web worker of claim {claim} killed {where}", w, True


def _unknown(sc: Scenario, state: State, entry: Entry, *, delivered: bool) -> tuple[str, World, bool]:
    """The publish was not confirmed; the broker may have it or not."""
    claim, ask, _ = entry
    w = _without(sc, state, entry, 1)
    label = f"FAULT publish of claim {claim} unknown ({'delivered' if delivered else 'not delivered'})"
    if delivered:
        w.send(claim, ask)
    if not sc.guards.unknown_is_not_failure:
        rec = w.recs[claim]
        if rec and rec[0] == PENDING:
            w.seats[sc.specs[claim].offering] += rec[2] == SEAT
            w.recs[claim] = (REFUSED, 0, NONE)
        tell(w, claim, REFUSED_BIT)
        return f"{label}: seat given back, told failed", w, True
    if sc.guards.spool:
        w.spool.add((claim, ask))
    tell(w, claim, ACCEPTED_BIT)
    return f"{label}: {'spooled' if sc.guards.spool else 'dropped'}, 202", w, True
