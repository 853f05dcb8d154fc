"""Fair rounds as the engine draws them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from app.admission.kinds import FairOpening
from app.catalogue.selection_models import SelectionRound
from app.extensions.clock import from_epoch_ms, to_epoch_ms


def fair_until(one: SelectionRound) -> int:
    """When the seconds of a fair round that are decided by lot are over (epoch milliseconds)."""
    return to_epoch_ms(one.opens_at) + 1000 * one.fair_seconds


def openings_of(session: Session, round_ids: Collection[int]) -> list[FairOpening]:
    """These rounds, and the fair ones that are not drawn; one that is stopped waits, or its claims would be refused for
    that."""
    undrawn = and_(
        SelectionRound.mode == "fair",
        SelectionRound.state == "published",
        SelectionRound.is_deleted.is_(False),
        SelectionRound.drawn_at.is_(None),
    )
    rounds = session.scalars(select(SelectionRound).where(or_(SelectionRound.id.in_(round_ids), undrawn)))
    return [FairOpening(one.id, fair_until(one), bytes.fromhex(one.seed or ""), one.frozen) for one in rounds]


def close_opening(session: Session, round_id: int, now_ms: int) -> None:
    """Its claims are decided: once, whatever comes late."""
    own = update(SelectionRound).where(SelectionRound.id == round_id, SelectionRound.drawn_at.is_(None))
    session.execute(own.values(drawn_at=from_epoch_ms(now_ms)))
