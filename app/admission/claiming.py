"""Claim, swap and give up a seat, whatever its kind: the last steps of a use case before the gate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from app.admission.claims import GENERAL, TAKING, Claim, claim_id
from app.admission.engine import Engine
from app.admission.errors import KeyReusedError, NothingToCancelError, OutcomeUnknownError
from app.admission.gate import Admission
from app.admission.mine import pending_of
from app.admission.status import Wish
from app.errors import SeatrushError
from app.extensions.records import record


@record
class Allowance:
    """What a kind allows this person: from which pools, from when (a time ticket), past which rules (see Claim)."""

    pools: tuple[str, ...] = (GENERAL,)
    not_before: int = 0
    waives: str = ""


def claim_seat(
    engine: Engine,
    user_id: int,
    kind: str,
    offering_id: int,
    key: str,
    *,
    waitlist: bool,
    allowed: Callable[[], Allowance],
) -> Admission:
    """Claim a seat (or, with `waitlist`, a place in the line). `key` is the browser's Idempotency-Key.

    `allowed()` says how, or raises the refusal of a rule that needs no atomic step. Raises that, and the
    gate's refusals; OutcomeUnknownError carries the claim id.
    """
    return _submit(engine, allowed, partial(booking, user_id, kind, offering_id, key, waitlist=waitlist))


def swap_seat(
    engine: Engine, user_id: int, kind: str, drop_id: int, take_id: int, key: str, *, allowed: Callable[[], Allowance]
) -> Admission:
    """Claim a seat in one offering for what the user holds in another: both or neither, and never a place in a line.

    Raises like `claim_seat`, and what a cancellation there would be refused with.
    """
    return _submit(engine, allowed, partial(_swap, user_id, kind, drop_id, take_id, key))


def claim_together(
    engine: Engine, claims: Sequence[Claim], barred: Mapping[str, SeatrushError]
) -> list[Admission | Exception]:
    """Claim several seats in one pass: the answer to each claim, or its refusal. `barred`: claim id → the refusal of a
    rule that needs no atomic step.
    """
    free = [claim for claim in claims if claim.id not in barred]
    outcomes = dict(zip((claim.id for claim in free), engine.gate.submit_together(free), strict=True))
    for claim in claims:
        if claim.id in barred:
            outcomes[claim.id] = _outcome(engine, claim, barred[claim.id])
    return [outcomes[claim.id] for claim in claims]


def _outcome(engine: Engine, claim: Claim, refused: SeatrushError) -> Admission | Exception:
    try:
        return _accepted_before(engine, claim, refused)
    except SeatrushError as error:
        return error


def give_up(
    engine: Engine, user_id: int, kind: str, offering_id: int, key: str, *, allowed: Callable[[], object]
) -> Admission:
    """Claim the end of one's own booking. Raises like `claim_seat`, and NothingToCancelError."""
    claim = Claim(
        id=claim_id(user_id, "cancel", kind, offering_id, key),
        kind=kind,
        action="cancel",
        user_id=user_id,
        offering_id=offering_id,
        hold="none",
        line_ok=False,
        fingerprint="-",
    )
    try:
        allowed()
    except SeatrushError as refused:
        return _accepted_before(engine, claim, refused)
    return _give_up(engine, claim)


def _give_up(engine: Engine, claim: Claim) -> Admission:
    """Through the gate. What MariaDB has decided is told before its effects reach a Redis that only recorded the claim, or
    was built anew (book.md, 3): whoever was told to have a seat must not hear that there is none, but come again; and
    whoever sends a cancellation again that is done, that it was accepted."""
    try:
        return engine.gate.submit(claim)
    except NothingToCancelError as refused:
        if _may_hold(engine, claim.user_id, claim.kind, claim.drops or claim.offering_id):
            raise OutcomeUnknownError(claim_id=claim.id, retry_after=1) from refused
        return _accepted_before(engine, claim, refused)  # last: if it was just decided, nothing is held any more


def _may_hold(engine: Engine, user_id: int, kind: str, offering_id: int) -> bool:
    """By MariaDB; or by a claim that Redis only recorded, and that is still to be decided."""
    undecided = [one for one in pending_of(engine, user_id) if one.action in TAKING]
    if any((one.kind, one.offering_id) == (kind, offering_id) for one in undecided):
        return True
    return engine.status.holds(kind, offering_id, user_id)


def _submit(engine: Engine, allowed: Callable[[], Allowance], claim_for: Callable[[Allowance], Claim]) -> Admission:
    try:
        allowance = allowed()
    except SeatrushError as refused:
        return _accepted_before(engine, claim_for(Allowance()), refused)
    claim = claim_for(allowance)
    return _give_up(engine, claim) if claim.drops else engine.gate.submit(claim)


def booking(
    user_id: int,
    kind: str,
    offering_id: int,
    key: str,
    allowance: Allowance,
    *,
    waitlist: bool,
    cart: str = "",
    fingerprint: str = "",
) -> Claim:
    """The claim on a seat that this key stands for; those of one `cart` cost one token and share one `fingerprint`."""
    return Claim(
        id=claim_id(user_id, "book", kind, offering_id, key),
        kind=kind,
        action="book",
        user_id=user_id,
        offering_id=offering_id,
        pools=allowance.pools,
        line_ok=waitlist,
        fingerprint=fingerprint or ("1" if waitlist else "0"),
        not_before=allowance.not_before,
        cart=cart,
        waives=allowance.waives,
    )


def _swap(user_id: int, kind: str, drop_id: int, take_id: int, key: str, allowance: Allowance) -> Claim:
    return Claim(
        id=claim_id(user_id, "swap", kind, take_id, key),
        kind=kind,
        action="swap",
        user_id=user_id,
        offering_id=take_id,
        pools=allowance.pools,
        line_ok=False,
        fingerprint=str(drop_id),
        not_before=allowance.not_before,
        waives=allowance.waives,
        drops=drop_id,
    )


def _accepted_before(engine: Engine, claim: Claim, refused: SeatrushError) -> Admission:
    """The answer to a replay of a claim that was accepted before the rules came to refuse it; else raises `refused`.

    A claim that nobody can say anything about now is neither accepted nor refused: OutcomeUnknownError.
    """
    answer = engine.status.ask(claim.id, Wish(claim.kind, claim.action, claim.offering_id, claim.user_id))
    if answer.standing is None and answer.sure:
        raise refused
    if answer.standing is None:
        raise OutcomeUnknownError(claim_id=claim.id, retry_after=2) from refused
    try:
        return engine.gate.submit(claim)  # whoever took it may have died before publishing it
    except KeyReusedError:
        raise
    except SeatrushError as error:
        if answer.standing.state != "pending":
            return Admission(claim.id, answer.standing.sequence or None)
        raise OutcomeUnknownError(claim_id=claim.id, retry_after=2) from error
