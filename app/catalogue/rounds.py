"""Rounds of course selection, as everybody may see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, false, select

from app.catalogue.selecting import term_to_choose_in
from app.catalogue.selection_models import SelectionRound
from app.extensions.services import Services


@dataclass(frozen=True, slots=True)
class RoundView:
    """A round and where it stands: upcoming, open or closed."""

    round: SelectionRound
    phase: str


def list_rounds(services: Services, term_id: int | None, *, after: int, limit: int) -> list[RoundView]:
    """Up to `limit` published rounds of a term (that of selection by default) with numbers beyond `after`.

    Raises TermNotFoundError.
    """
    now = services.clock.now()
    with services.breakers.guard("database"), services.db.reading() as session:
        term = term_to_choose_in(session, services, term_id)
        found = session.scalars(round_listing(term.id, after, limit)).all() if term else []
    return [RoundView(one, phase_at(one, now)) for one in found]


def round_listing(term_id: int, after: int, limit: int) -> Select[SelectionRound]:
    """The list's query, in the order of uq_selection_round_number."""
    return (
        select(SelectionRound)
        .where(SelectionRound.term_id == term_id, SelectionRound.state == "published")
        .where(SelectionRound.is_deleted == false(), SelectionRound.round_no > after)
        .order_by(SelectionRound.round_no)
        .limit(limit)
    )


def phase_at(one: SelectionRound, now: datetime) -> str:
    """Where a round stands at `now`; its freezing is another question."""
    if now >= one.closes_at:
        return "closed"
    return "open" if now >= one.opens_at else "upcoming"
