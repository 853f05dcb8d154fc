"""Publish a round, or take it back while nobody can have used it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.admission.engine import Engine
from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.catalogue.rounds import RoundView, phase_at
from app.catalogue.selection_models import SelectionRound
from app.enrolment.rounds.errors import RoundStateError
from app.enrolment.rounds.locking import check_overlap, lock_round
from app.enrolment.rounds.seeds import keep_seed
from app.enrolment.rounds.telling import tell_round
from app.enrolment.rounds.timeline import note
from app.extensions.services import Services


def publish_round(services: Services, engine: Engine, actor: Actor, round_id: int) -> RoundView:
    """Let students see it, and choose when it opens. Doing it twice changes nothing.

    Raises RoundNotFoundError, RoundStateError when it would be over already, RoundOverlapError.
    """
    actor.require(Permission.ROUNDS_MANAGE)

    def write(session: Session) -> SelectionRound:
        one = lock_round(session, round_id)
        if one.state != "published":
            publish_in(session, services, actor, one)
        session.flush()
        return one

    return tell_round(services, engine, services.db.retrying(write), "published")


def publish_in(session: Session, services: Services, actor: Actor, one: SelectionRound) -> None:
    """The same within a transaction that holds the round's lock."""
    now = services.clock.now()
    if one.closes_at <= now:
        raise RoundStateError(state=one.state, phase=phase_at(one, now))
    check_overlap(session, one)
    one.state = "published"
    one.version += 1
    keep_seed(one)
    note(session, services, actor, one.id, "published", detail={"commitment": one.commitment} if one.commitment else {})


def withdraw_in(session: Session, services: Services, actor: Actor, one: SelectionRound) -> None:
    """Make it a draft again. Raises RoundStateError once it has opened."""
    now = services.clock.now()
    if one.opens_at <= now:
        raise RoundStateError(state=one.state, phase=phase_at(one, now))
    one.state, one.frozen, one.frozen_reason = "draft", False, ""
    one.version += 1
    note(session, services, actor, one.id, "withdrawn")
