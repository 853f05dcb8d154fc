"""Book and cancel: what happens when a student presses the button. docs/book.md follows this from end to end."""

from __future__ import annotations

from typing import cast

from app.admission.claims import GENERAL, Claim, claim_id
from app.admission.engine import Engine
from app.admission.errors import KeyReusedError, NotEligibleError, OutcomeUnknownError
from app.admission.gate import Admission
from app.admission.status import Wish
from app.auth.actor import Actor
from app.errors import SeatrushError
from app.lectures.errors import LectureNotFoundError
from app.lectures.models import KIND
from app.lectures.rules import LectureSheet, refusal


def book(engine: Engine, actor: Actor, lecture_id: int, key: str, *, waitlist: bool = True) -> Admission:
    """Claim a seat (or, with `waitlist`, a place in the line). `key` is the browser's Idempotency-Key.

    Raises the engine's refusals, LectureNotFoundError and NotEligibleError; OutcomeUnknownError carries the claim id.
    """
    try:
        pools = _pools(engine, actor, lecture_id)
    except (LectureNotFoundError, NotEligibleError) as refused:
        return _accepted_before(engine, _booking(actor, lecture_id, key, (GENERAL,), waitlist=waitlist), refused)
    return engine.gate.submit(_booking(actor, lecture_id, key, pools, waitlist=waitlist))


def cancel(engine: Engine, actor: Actor, lecture_id: int, key: str) -> Admission:
    """Claim the end of one's own booking. Raises like `book`, and NothingToCancelError."""
    claim = Claim(
        id=claim_id(actor.account_id, "cancel", KIND, lecture_id, key),
        kind=KIND,
        action="cancel",
        user_id=actor.account_id,
        offering_id=lecture_id,
        hold="none",
        line_ok=False,
        fingerprint="-",
    )
    try:
        _sheet(engine, lecture_id)
    except LectureNotFoundError as refused:
        return _accepted_before(engine, claim, refused)
    return engine.gate.submit(claim)


def _booking(actor: Actor, lecture_id: int, key: str, pools: tuple[str, ...], *, waitlist: bool) -> Claim:
    return Claim(
        id=claim_id(actor.account_id, "book", KIND, lecture_id, key),
        kind=KIND,
        action="book",
        user_id=actor.account_id,
        offering_id=lecture_id,
        pools=pools,
        line_ok=waitlist,
        fingerprint="1" if waitlist else "0",
    )


def _pools(engine: Engine, actor: Actor, lecture_id: int) -> tuple[str, ...]:
    sheet = _sheet(engine, lecture_id)
    rule = refusal(sheet, actor.student)
    if rule is not None or actor.student is None:
        raise NotEligibleError(rule=rule or "not_a_student")
    return sheet.pools_for(actor.student)


def _sheet(engine: Engine, lecture_id: int) -> LectureSheet:
    sheet = engine.sheets.get(KIND, lecture_id)
    if sheet is None or not cast(LectureSheet, sheet).published:
        raise LectureNotFoundError
    return cast(LectureSheet, sheet)


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
