"""One round as somebody sees it: what holds for everybody, and what for this person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.auth.actor import Actor, StudentStanding
from app.catalogue.errors import RoundNotFoundError
from app.catalogue.rounds import RoundView, phase_at
from app.catalogue.selection_models import SelectionRound
from app.enrolment.permits.holds import bars_of
from app.enrolment.rounds.current import published, schedules_of
from app.enrolment.rounds.locking import find_round
from app.extensions.clock import from_epoch_ms
from app.extensions.services import Services


@dataclass(frozen=True, slots=True)
class Personal:
    """When this student may begin, and the reason of a hold (None: none)."""

    not_before: datetime
    hold: str | None


def public_round(services: Services, round_id: int, actor: Actor | None) -> tuple[RoundView, Personal | None]:
    """A published round, and the student's own part of it (None for others). Raises RoundNotFoundError."""
    with services.breakers.guard("database"), services.db.reading() as session:
        found = find_round(session, round_id)
        if not published(found):
            raise RoundNotFoundError
        mine = None
        if actor is not None and actor.student is not None:
            mine = personal(session, found, actor.account_id, actor.student)
    return RoundView(found, phase_at(found, services.clock.now())), mine


def personal(session: Session, one: SelectionRound, student_id: int, standing: StudentStanding | None) -> Personal:
    """By tickets and holds as they are stored."""
    schedule = schedules_of(session, [one.term_id])[one.term_id]
    window = next((window for window in schedule.windows if window.round_id == one.id), None)
    ticket = window.not_before(student_id, standing) if window else 0
    hold = bars_of(session, [one.term_id], [student_id]).get((one.term_id, student_id))
    return Personal(max(one.opens_at, from_epoch_ms(ticket)), hold)
