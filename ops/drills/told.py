"""What was told against what is stored: each state, at its version, in its order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from app.admission.claims import Standing
from app.catalogue.models import KIND as SECTION
from app.lectures.models import KIND as LECTURE
from ops.drills.ledgers import Books
from ops.drills.wishes import SETTLED, Told, Wish

# version n of a claim may be followed by version n + 1 in one of these states
STEPS = {
    "confirmed": {"cancelled"},
    "waitlisted": {"confirmed", "cancelled", "expired"},
    "rejected": set(),
    "cancelled": set(),
    "expired": set(),
}

# Whoever was refused has no seat. A cart is sent again while Redis is away, and may then get a place in a line that Redis had
# refused; it expires when a rule stands against it.
_NO_SEAT = {LECTURE: {"rejected"}, SECTION: {"rejected", "expired"}}


def told_wrong(wishes: Iterable[Wish], books: Books) -> Iterator[str]:
    for wish in wishes:
        stored = books.claims.get(wish.claim_id)
        name = f"{wish.action} {wish.claim_id}"
        if wish.promised and stored is None:
            yield f"{name} was answered 202 and is not decided"
        if stored is not None and stored.state not in _NO_SEAT[wish.kind]:
            for answer in wish.refusals:
                yield f"{name} was refused ({answer.refused}) and is {stored.state}"
        if {answer.body.get("claim_id") for answer in wish.answers if answer.status == 202} - {wish.claim_id}:
            yield f"{name} was answered with another claim's id"
        yield from _states_wrong(name, wish, stored, books)
        yield from _order_wrong(name, wish.told)


def _states_wrong(name: str, wish: Wish, stored: Standing | None, books: Books) -> Iterator[str]:
    """Each settled state that was told was stored, at that version."""
    for told in wish.told:
        if told.state not in SETTLED:
            continue
        if stored is None:
            yield f"{name} was told {told.state} and is not decided"
        elif told.version > stored.version:
            yield f"{name} was told version {told.version}, stored is {stored.version}"
        elif told.version == stored.version and told.state != stored.state:
            yield f"{name} was told {told.state}, stored is {stored.state}"
        elif told.version < stored.version and not _was(wish.claim_id, told, stored, books):
            yield f"{name} was told {told.state} v{told.version}, which it never was ({stored.state} v{stored.version})"


def _was(claim: str, told: Told, stored: Standing, books: Books) -> bool:
    known = books.history.get((claim, told.version))
    legal = told.version + 1 < stored.version or stored.state in STEPS[told.state]
    return legal and (known is None or known == {told.state})


def _order_wrong(name: str, told: Sequence[Told]) -> Iterator[str]:
    """What was told later is never less: of two questions, the second asked after the first was answered."""
    top: Told | None = None
    for one in sorted(told, key=lambda each: each.told_at):
        less = top is not None and top.state in SETTLED and (one.state not in SETTLED or one.version < top.version)
        if top is not None and less and one.asked_at > top.told_at and one.state != "unknown":
            yield f"{name} was told {top.state} v{top.version}, later {one.state} v{one.version}"
        if top is None or one.version > top.version or (one.state in SETTLED and top.state not in SETTLED):
            top = one
