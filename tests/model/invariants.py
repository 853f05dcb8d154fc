"""What must hold: in every state, and in every state where the system has nothing left to do."""

from __future__ import annotations

from collections.abc import Sequence

from tests.model.settle import ViolationError
from tests.model.state import (
    ACCEPTED_BIT,
    ACTIVE,
    CANCEL,
    CANCELLED,
    CONFIRMED,
    DONE,
    LINE,
    OPEN,
    PENDING,
    REFUSED_BIT,
    REJECTED,
    SEAT,
    STATE_NAMES,
    SWAP,
    TAKING,
    WAITLISTED,
    Decision,
    Scenario,
    State,
    World,
)


def always(sc: Scenario, state: State) -> None:
    """Raise ViolationError if this state breaks a promise."""
    dec, told = state[7], state[1]
    _books(sc, dec, state[8], state[9])
    users: set[tuple[int, int]] = set()
    for claim, spec in enumerate(sc.claims):
        row, active = dec[claim], bool(dec[claim] and dec[claim][0] in ACTIVE)
        place = (spec.user, spec.offering)
        if active and place in users:
            raise ViolationError(f"user {spec.user} has two active bookings")
        if active:
            users.add(place)
        if row and active and told[claim][0] & REFUSED_BIT:
            raise ViolationError(f"claim {claim} was told a failure and is {STATE_NAMES[row[0]]}")
    redis = state[3]
    if redis[0] == OPEN:
        for claim, rec in enumerate(redis[3]):
            row = dec[claim]
            if rec and rec[1] > 0 and (row is None or row[1] < rec[1] or (row[1] == rec[1] and row[0] != rec[0])):
                raise ViolationError(f"Redis would tell {STATE_NAMES[rec[0]]} for claim {claim}, MariaDB holds {row}")


def _books(sc: Scenario, dec: Sequence[Decision], all_taken: Sequence[int], all_waiting: Sequence[int]) -> None:
    """Counters, capacities, and the rules over several offerings, as MariaDB has them."""
    for at, (capacity, line) in enumerate(sc.sizes):
        here = [d[0] for d, spec in zip(dec, sc.specs, strict=True) if d and spec.offering == at]
        confirmed, taken, waiting = here.count(CONFIRMED), all_taken[at], all_waiting[at]
        if confirmed > capacity or taken > capacity:
            raise ViolationError(f"oversold: {confirmed} confirmed, {taken} taken of {capacity}")
        if taken != confirmed or waiting != here.count(WAITLISTED) or waiting > line:
            raise ViolationError(f"MariaDB's counters: taken {taken}, waiting {waiting}")
    if sc.exclusive:
        seats = [spec.user for d, spec in zip(dec, sc.specs, strict=True) if d and d[0] == CONFIRMED]
        for user in set(seats):
            if seats.count(user) > 1:
                raise ViolationError(f"user {user} has two seats that clash")
    for claim, spec in enumerate(sc.claims):
        if spec.action == SWAP and dec[claim]:
            _both_or_neither(sc, dec, claim)


def _both_or_neither(sc: Scenario, dec: Sequence[Decision], claim: int) -> None:
    """What a decided swap has done, as far as no other claim ends the same target."""
    target, row = sc.claims[claim].target, dec[claim]
    old, alone = dec[target], [spec.target for spec in sc.claims].count(target) == 1
    assert row is not None
    if row[0] == CONFIRMED and (old is None or old[0] in ACTIVE):
        raise ViolationError(f"swap {claim} is confirmed, and what it gave up is {old}")
    if row[0] == REJECTED and alone and old and old[0] == CANCELLED and not sc.sizes[sc.claims[target].offering][1]:
        raise ViolationError(f"swap {claim} is rejected, and what it was to give up is cancelled")
    if row == (CANCELLED, 1):
        raise ViolationError(f"swap {claim} was ended before it was decided, and what it was to give up is {old}")


def quiescent(sc: Scenario, state: State) -> None:
    """Raise ViolationError if a healed system is not as it must be."""
    w = World(sc, state)
    if w.mode != OPEN:
        raise ViolationError("the gate never opens again")
    for claim, spec in enumerate(sc.specs):
        rec, row = w.recs[claim], w.dec[claim]
        if claim < len(sc.claims) and w.told[claim][0] & ACCEPTED_BIT and row is None:
            raise ViolationError(f"claim {claim} was answered 202 and is never decided")
        if rec and rec[0] == PENDING:
            raise ViolationError(f"claim {claim} stays pending in Redis")
        if spec.action in TAKING and row and row[0] in ACTIVE and (rec is None or rec[0] != row[0]):
            raise ViolationError(f"claim {claim} is {STATE_NAMES[row[0]]}, Redis holds {rec}")
        if spec.action == CANCEL and row and row[0] == DONE and (t := w.dec[spec.target]) and t[0] in ACTIVE:
            raise ViolationError(f"claim {spec.target} was cancelled by {claim} and is {STATE_NAMES[t[0]]}")
    _counters(sc, w)
    if w.marks or w.late:
        raise ViolationError("a mark is stuck")


def _counters(sc: Scenario, w: World) -> None:
    """Seats and places: Redis agrees with what its claims hold and with MariaDB, and no waiter is left behind."""
    for at, (capacity, line) in enumerate(sc.sizes):
        holds = [rec[2] for spec, rec in zip(sc.specs, w.recs, strict=True) if rec and spec.offering == at]
        seats, taken, places, waiting = w.seats[at], w.taken[at], w.line[at], w.waiting[at]
        if seats + holds.count(SEAT) != capacity or seats != capacity - taken:
            raise ViolationError(
                f"Redis has {seats} seats left, {holds.count(SEAT)} held; MariaDB {taken} of {capacity}"
            )
        if places + holds.count(LINE) != line or places != line - waiting:
            raise ViolationError(f"Redis has {places} places left in the line; MariaDB {waiting} of {line}")
        if waiting and taken < capacity:
            raise ViolationError("somebody waits while a seat is free")
