"""Terms as this worker knows them: two a year, asked for with every timetable, and edited once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.catalogue.models import Term
from app.catalogue.terms import TermView, all_terms, campus_day, current_term, end_of, term_or_current, week_of
from app.extensions.copies import Copies
from app.extensions.services import Services

FRESH_S, OLD_S = 2.0, 5.0


@dataclass(frozen=True, slots=True)
class KnownTerm(TermView):
    """With whether its last day is over."""

    over: bool


class KnownTerms:
    """One per process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._copies: Copies[None, Sequence[Term]] = Copies(self._read, fresh_s=FRESH_S, old_s=OLD_S)
        self._worked_out: tuple[Sequence[Term], date] = ((), date.min)  # what `_views` was made of
        self._views: dict[int | None, KnownTerm] = {}

    def view(self, term_id: int | None) -> KnownTerm | None:
        """The term with this id, or the current one (None when there are no terms). Raises TermNotFoundError."""
        terms, today = self._copies.get_all([None])[None], campus_day(self._services)
        if self._worked_out[0] is not terms or self._worked_out[1] != today:
            self._work_out(terms, today)
        known = self._views.get(term_id)
        if known is None:  # there is none, or it is quite new
            found = term_or_current(self._services, term_id)
            known = None if found is None else _known(found, False, today)
        return known

    def _work_out(self, terms: Sequence[Term], today: date) -> None:
        current = current_term(terms, today)
        self._views = {one.id: _known(one, one is current, today) for one in terms}
        if current is not None:
            self._views[None] = self._views[current.id]
        self._worked_out = terms, today

    def _read(self, _: Collection[None]) -> Mapping[None, Sequence[Term]]:
        with self._services.breakers.guard("database"), self._services.db.reading() as session:
            return {None: all_terms(session)}


def _known(term: Term, current: bool, today: date) -> KnownTerm:
    return KnownTerm(term, current, week_of(term, today), today >= end_of(term))
