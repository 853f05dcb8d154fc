"""Which round of course selection counts for a term now."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.selection_models import SelectionRound


def rounds_of(session: Session, term_ids: Collection[int]) -> dict[int, SelectionRound]:
    """Term → its round: the one that is open, else the next, else the last. Terms without a published one are absent."""
    query = (
        select(SelectionRound)
        .where(
            SelectionRound.term_id.in_(term_ids),
            SelectionRound.state == "published",
            SelectionRound.is_deleted.is_(False),
        )
        .order_by(SelectionRound.round_no)
    )
    found: dict[int, list[SelectionRound]] = {}
    for one in session.scalars(query):
        found.setdefault(one.term_id, []).append(one)
    now = datetime.now(UTC)
    return {term: _current(rounds, now) for term, rounds in found.items()}


def _current(rounds: Sequence[SelectionRound], now: datetime) -> SelectionRound:
    ahead = [one for one in rounds if one.closes_at > now]
    return min(ahead, key=lambda one: one.opens_at) if ahead else rounds[-1]
