"""Enrol and drop: what happens when a student chooses a section. The way is that of docs/book.md."""

from __future__ import annotations

from app.admission.claiming import claim_seat, give_up
from app.admission.engine import Engine
from app.admission.gate import Admission
from app.auth.actor import Actor
from app.catalogue.models import KIND
from app.enrolment.allowing import allowance
from app.enrolment.explaining import told_why
from app.enrolment.known import published_sheet


def enrol(engine: Engine, actor: Actor, section_id: int, key: str, *, waitlist: bool = True) -> Admission:
    """Claim a seat (or, with `waitlist`, a place in the line). `key` is the browser's Idempotency-Key.

    Raises the engine's refusals, SectionNotFoundError, NotEligibleError and WishesOnlyError; a refusal says with what.
    """

    with told_why(engine, section_id):
        return claim_seat(
            engine, actor.account_id, KIND, section_id, key, waitlist=waitlist,
            allowed=lambda: allowance(published_sheet(engine, section_id), actor),
        )  # fmt: skip


def drop(engine: Engine, actor: Actor, section_id: int, key: str) -> Admission:
    """Claim the end of one's own enrolment or place in the line. Raises like `enrol`, and NothingToCancelError."""
    return give_up(engine, actor.account_id, KIND, section_id, key, allowed=lambda: published_sheet(engine, section_id))
