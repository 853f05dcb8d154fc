"""The timeline of a round: what was done, by whom and why, written with what it tells of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.enrolment.rounds.locking import find_round
from app.enrolment.rounds.models import RoundEvent
from app.extensions.services import Services


def note(
    session: Session,
    services: Services,
    actor: Actor,
    round_id: int,
    action: str,
    *,
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write one step of the timeline into the transaction that makes it."""
    session.add(
        RoundEvent(
            id=services.ids.next_id(),
            round_id=round_id,
            action=action,
            reason=reason,
            detail={name: _plain(value) for name, value in (detail or {}).items()},
            account_id=actor.account_id,
            username=actor.username,
            at=services.clock.now(),
        )
    )


def timeline_of(
    services: Services, actor: Actor, round_id: int, *, before: int | None, limit: int
) -> Sequence[RoundEvent]:
    """Up to `limit` steps, the latest first, with ids below `before`. Raises RoundNotFoundError."""
    actor.require(Permission.ROUNDS_MANAGE)
    query = select(RoundEvent).where(RoundEvent.round_id == round_id)
    if before is not None:
        query = query.where(RoundEvent.id < before)
    with services.breakers.guard("database"), services.db.transaction() as session:
        find_round(session, round_id)
        return session.scalars(query.order_by(RoundEvent.id.desc()).limit(limit)).all()


def _plain(value: Any) -> Any:
    """As JSON has it."""
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, datetime) else value
