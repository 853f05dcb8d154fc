"""Which round of course selection counts for a term: now, and when a claim was admitted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.selection_models import SelectionRound
from app.enrolment.rules import Window
from app.extensions.clock import to_epoch_ms


def rounds_of(session: Session, term_ids: Collection[int]) -> dict[int, list[SelectionRound]]:
    """Term → its published rounds by number. Terms without one are absent."""
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
    return found


def current_round(rounds: Sequence[SelectionRound], now: datetime) -> SelectionRound | None:
    """The round that is open, else the next, else the last; None of none."""
    ahead = [one for one in rounds if one.closes_at > now]
    return min(ahead, key=lambda one: one.opens_at) if ahead else (rounds[-1] if rounds else None)


def takes_claims(one: SelectionRound) -> bool:
    """True of a round in which seats are claimed one by one, while nobody has stopped it."""
    return one.mode == "fcfs" and not one.frozen


def windows_of(rounds: Sequence[SelectionRound]) -> tuple[Window, ...]:
    """When these rounds take claims and drops, for settle."""
    return tuple(
        Window(to_epoch_ms(one.opens_at), to_epoch_ms(one.closes_at), to_epoch_ms(one.drop_until), takes_claims(one))
        for one in rounds
    )
