"""Swap: take one section for another that is held, both or neither (docs/enrolment.md)."""

from __future__ import annotations

from app.admission.claiming import Allowance, swap_seat
from app.admission.engine import Engine
from app.admission.gate import Admission
from app.auth.actor import Actor
from app.catalogue.errors import RoundNotFoundError
from app.catalogue.models import KIND
from app.enrolment.allowing import allowance
from app.enrolment.explaining import told_why
from app.enrolment.known import published_sheet
from app.extensions.clock import CampusClock


def swap(engine: Engine, actor: Actor, round_id: int, *, drop_id: int, take_id: int, key: str) -> Admission:
    """Claim a seat in `take_id` for the enrolment, or the place in the line, in `drop_id`.

    Raises like `enrol` and `drop`, and RoundNotFoundError when the round is not that of both sections.
    """

    def allowed() -> Allowance:
        now = CampusClock().epoch_ms()
        dropped, taken = published_sheet(engine, drop_id), published_sheet(engine, take_id)
        windows = [dropped.schedule.at(now), taken.schedule.at(now)]  # as for `allowance`: by the clock
        if {window.round_id if window else 0 for window in windows} != {round_id}:
            raise RoundNotFoundError
        return allowance(taken, actor)

    with told_why(engine, take_id):
        return swap_seat(engine, actor.account_id, KIND, drop_id, take_id, key, allowed=allowed)
