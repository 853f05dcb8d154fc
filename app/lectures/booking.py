"""Book and cancel: what happens when a student presses the button. docs/book.md follows this from end to end."""

from __future__ import annotations

from typing import cast

from app.admission.claiming import Allowance, claim_seat, give_up
from app.admission.engine import Engine
from app.admission.errors import CreditLimitError, NotEligibleError, OnHoldError
from app.admission.gate import Admission
from app.auth.actor import Actor
from app.lectures.errors import LectureNotFoundError
from app.lectures.models import KIND
from app.lectures.quota.rules import in_lectures
from app.lectures.rules import LectureSheet, refusal


def book(engine: Engine, actor: Actor, lecture_id: int, key: str, *, waitlist: bool = True) -> Admission:
    """Claim a seat (or, with `waitlist`, a place in the line). `key` is the browser's Idempotency-Key.

    Raises the engine's refusals, LectureNotFoundError, NotEligibleError, LectureQuotaError and NoShowHoldError;
    OutcomeUnknownError carries the claim id.
    """

    def allowed() -> Allowance:
        return Allowance(_pools(engine, actor, lecture_id))

    try:
        return claim_seat(engine, actor.account_id, KIND, lecture_id, key, waitlist=waitlist, allowed=allowed)
    except (CreditLimitError, OnHoldError) as error:
        raise in_lectures(error) from error


def cancel(engine: Engine, actor: Actor, lecture_id: int, key: str) -> Admission:
    """Claim the end of one's own booking. Raises like `book`, and NothingToCancelError."""
    return give_up(engine, actor.account_id, KIND, lecture_id, key, allowed=lambda: _sheet(engine, lecture_id))


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
