"""Claim and give up a seat, whatever its kind: the last steps of a use case before the gate."""

from __future__ import annotations

from collections.abc import Callable

from app.admission.claims import GENERAL, Claim, claim_id
from app.admission.engine import Engine
from app.admission.errors import KeyReusedError, OutcomeUnknownError
from app.admission.gate import Admission
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
    try:
        allowance = allowed()
    except SeatrushError as refused:
        return _accepted_before(
            engine, booking(user_id, kind, offering_id, key, Allowance(), waitlist=waitlist), refused
        )
    return engine.gate.submit(booking(user_id, kind, offering_id, key, allowance, waitlist=waitlist))


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
    return engine.gate.submit(claim)


def booking(
    user_id: int, kind: str, offering_id: int, key: str, allowance: Allowance, *, waitlist: bool, cart: str = ""
) -> Claim:
    """The claim on a seat; those of one `cart` cost one token."""
    return Claim(
        id=claim_id(user_id, "book", kind, offering_id, key),
        kind=kind,
        action="book",
        user_id=user_id,
        offering_id=offering_id,
        pools=allowance.pools,
        line_ok=waitlist,
        fingerprint="1" if waitlist else "0",
        not_before=allowance.not_before,
        cart=cart,
        waives=allowance.waives,
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
