"""Steer a round while it runs: freeze, resume, extend. Each has a reason, and is seen by every open page at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admission.engine import Engine
from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.catalogue.rounds import RoundView, phase_at
from app.catalogue.selection_models import SelectionRound
from app.enrolment.lottery.models import RoundDraw
from app.enrolment.rounds.errors import RoundStateError
from app.enrolment.rounds.locking import check_overlap, lock_round
from app.enrolment.rounds.telling import tell_round
from app.enrolment.rounds.timeline import note
from app.errors import InvalidInputError
from app.extensions.services import Services


def freeze_round(services: Services, engine: Engine, actor: Actor, round_id: int, reason: str) -> RoundView:
    """Accept nothing more until it is resumed; what was accepted is decided, and drops go on. Twice changes nothing.

    Raises RoundNotFoundError, and RoundStateError of a draft.
    """
    return _steer(
        services, engine, actor, round_id, "frozen", lambda one: _brake(one, frozen=True, reason=reason), reason
    )


def resume_round(services: Services, engine: Engine, actor: Actor, round_id: int, reason: str) -> RoundView:
    """Go on. Raises like `freeze_round`."""
    return _steer(services, engine, actor, round_id, "resumed", lambda one: _brake(one, frozen=False), reason)


def extend_round(
    services: Services,
    engine: Engine,
    actor: Actor,
    round_id: int,
    *,
    closes_at: datetime | None,
    drop_until: datetime | None,
    reason: str,
) -> RoundView:
    """Move its end, and that of dropping, to a later time, also when it has closed already.

    Raises InvalidInputError for an earlier time, RoundStateError of a draft or of one that was drawn, RoundOverlapError.
    """
    ends = {"closes_at": closes_at, "drop_until": drop_until}
    return _steer(services, engine, actor, round_id, "extended", lambda one: _lengthen(one, ends), reason)


def _steer(
    services: Services,
    engine: Engine,
    actor: Actor,
    round_id: int,
    action: str,
    change: Callable[[SelectionRound], dict[str, list[object]]],
    reason: str,
) -> RoundView:
    actor.require(Permission.ROUNDS_MANAGE)

    def write(session: Session) -> SelectionRound:
        one = lock_round(session, round_id)
        if one.state != "published":
            raise RoundStateError(state=one.state, phase=phase_at(one, services.clock.now()))
        if action == "extended" and session.scalar(select(RoundDraw.id).where(RoundDraw.round_id == round_id)):
            raise RoundStateError(state="drawn", phase="closed")
        changed = change(one)
        if changed:
            one.version += 1
            check_overlap(session, one)
            note(session, services, actor, one.id, action, reason=reason, detail=changed)
        session.flush()
        return one

    return tell_round(services, engine, services.db.retrying(write), action)


def _brake(one: SelectionRound, *, frozen: bool, reason: str = "") -> dict[str, list[object]]:
    if one.frozen == frozen:
        return {}
    one.frozen, one.frozen_reason = frozen, reason
    return {"frozen": [not frozen, frozen]}


def _lengthen(one: SelectionRound, ends: dict[str, datetime | None]) -> dict[str, list[object]]:
    changed: dict[str, list[object]] = {}
    for name, end in ends.items():
        before = getattr(one, name)
        if end is None or end == before:
            continue
        if end < before:
            raise InvalidInputError(errors={name: ["It can only be moved to a later time."]})
        setattr(one, name, end)
        changed[name] = [before, end]
    return changed
