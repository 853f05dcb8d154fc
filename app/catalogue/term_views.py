"""Terms as they are shown: which is the current one, and which is chosen for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.catalogue.models import Term
from app.catalogue.selecting import all_spans, selecting_term
from app.catalogue.terms import all_terms, campus_day, current_term, week_of
from app.extensions.services import Services


@dataclass(frozen=True, slots=True)
class TermView:
    """A term, whether it is the current one, whether it is that of selection, and the teaching week that today falls
    into (None outside)."""

    term: Term
    current: bool
    selecting: bool
    week: int | None


def list_terms(services: Services, *, before: int | None, limit: int) -> list[TermView]:
    """Up to `limit` terms with codes below `before`, the newest first."""
    with services.breakers.guard("database"), services.db.reading() as session:
        views = term_views(services, session)
    older = [one for one in reversed(views) if before is None or one.term.code < before]
    return older[:limit]


def term_views(services: Services, session: Session) -> Sequence[TermView]:
    """Every term, the oldest first."""
    terms, today = all_terms(session), campus_day(services)
    current = current_term(terms, today)
    selecting = selecting_term(terms, all_spans(session), services.clock.now(), today)
    return [TermView(one, one is current, one is selecting, week_of(one, today)) for one in terms]
