"""Terms as this worker knows them: two a year, asked for with every timetable, and edited once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from app.catalogue.models import Term
from app.catalogue.terms import TermView, all_terms, campus_day, current_term, term_or_current, week_of
from app.extensions.copies import Copies
from app.extensions.services import Services

FRESH_S, OLD_S = 2.0, 5.0


class KnownTerms:
    """One per process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._copies: Copies[None, Sequence[Term]] = Copies(self._read, fresh_s=FRESH_S, old_s=OLD_S)

    def view(self, term_id: int | None) -> TermView | None:
        """The term with this id, or the current one (None when there are no terms). Raises TermNotFoundError."""
        terms, today = self._copies.get_all([None])[None], campus_day(self._services)
        current = current_term(terms, today)
        chosen = current if term_id is None else next((one for one in terms if one.id == term_id), None)
        if chosen is None:  # there is none, or it is quite new
            chosen = term_or_current(self._services, term_id)
        return None if chosen is None else TermView(chosen, chosen is current, week_of(chosen, today))

    def _read(self, _: Collection[None]) -> Mapping[None, Sequence[Term]]:
        with self._services.breakers.guard("database"), self._services.db.reading() as session:
            return {None: all_terms(session)}
