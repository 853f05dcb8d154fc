"""Terms as this worker knows them: two a year, asked for with every timetable, and edited once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Literal

from app.catalogue.models import Term
from app.catalogue.selecting import Span, all_spans, next_turn, selecting_term, term_to_choose_in
from app.catalogue.term_views import TermView
from app.catalogue.terms import all_terms, campus_day, current_term, end_of, week_of
from app.extensions.copies import Copies
from app.extensions.services import Services

FRESH_S, OLD_S = 2.0, 5.0
# The term that is taught, and the one that is chosen for.
Which = Literal["current", "selecting"]


@dataclass(frozen=True, slots=True)
class KnownTerm(TermView):
    """With whether its last day is over."""

    over: bool


@dataclass(frozen=True, slots=True)
class _Calendar:
    """What was read together: the terms, and when their rounds are open."""

    terms: Sequence[Term] = ()
    spans: Sequence[Span] = ()


class KnownTerms:
    """One per process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._copies: Copies[None, _Calendar] = Copies(
            self._read, fresh_s=FRESH_S, old_s=OLD_S, check=partial(services.breakers.check, "database")
        )
        # What `_views` was made of, and until when that holds (None: until somebody writes).
        self._worked_out: tuple[_Calendar, date, datetime | None] = (_Calendar(), date.min, None)
        self._views: dict[int | Which, KnownTerm] = {}

    def view(self, wanted: int | Which) -> KnownTerm | None:
        """The term with this id, or one of the two (None when there are no terms). Raises TermNotFoundError."""
        calendar, today, now = (
            self._copies.get_all([None])[None],
            campus_day(self._services),
            self._services.clock.now(),
        )
        known_calendar, day, turn = self._worked_out
        if known_calendar is not calendar or day != today or (turn is not None and now >= turn):
            self._work_out(calendar, today, now)
        known = self._views.get(wanted)
        return self._ask(wanted, today) if known is None else known

    def begun_by(self, day: date) -> Term | None:
        """The last term that had begun by this day: the one that it falls into, or that had just ended."""
        begun = [one for one in self._copies.get_all([None])[None].terms if one.starts_on <= day]
        return max(begun, key=lambda one: one.starts_on, default=None)

    def _ask(self, wanted: int | Which, today: date) -> KnownTerm | None:
        """There is none, or it is quite new."""
        term_id = wanted if isinstance(wanted, int) else None
        with self._services.breakers.guard("database"), self._services.db.reading() as session:
            found = term_to_choose_in(session, self._services, term_id)
        return None if found is None else _known(found, today, current=False, selecting=False)

    def _work_out(self, calendar: _Calendar, today: date, now: datetime) -> None:
        terms, spans = calendar.terms, calendar.spans
        current, selecting = current_term(terms, today), selecting_term(terms, spans, now, today)
        self._views = {one.id: _known(one, today, current=one is current, selecting=one is selecting) for one in terms}
        if current is not None and selecting is not None:
            self._views |= {"current": self._views[current.id], "selecting": self._views[selecting.id]}
        self._worked_out = calendar, today, next_turn(spans, now)

    def _read(self, _: Collection[None]) -> Mapping[None, _Calendar]:
        with self._services.breakers.guard("database"), self._services.db.reading() as session:
            return {None: _Calendar(all_terms(session), all_spans(session))}


def _known(term: Term, today: date, *, current: bool, selecting: bool) -> KnownTerm:
    return KnownTerm(term, current, selecting, week_of(term, today), today >= end_of(term))
