"""What a student has in a term: every section held or asked for, and the credits.

A page that everybody loads: what moves with every claim comes from Redis, in one question that many share, the rest from
this worker's copies. MariaDB is asked for what neither knows, and for terms that are over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.admission.claims import Standing
from app.admission.engine import Engine
from app.auth.actor import Actor
from app.catalogue.known_terms import KnownTerm, KnownTerms, Which
from app.catalogue.term_views import TermView
from app.enrolment.holdings import own_term, stored_term
from app.enrolment.shown import Seats, Shown, ShownSections
from app.enrolment.standpoint import Standpoint, standing_on
from app.extensions.records import record
from app.extensions.services import Services


@dataclass(frozen=True, slots=True)
class Credits:
    """In tenths: the limit of the term, what the seats take of it, and what those in a line would."""

    limit: int
    used: int
    waiting: int


@record
class Enrolled:
    """A section with the claim that holds it or asks for it."""

    shown: Shown
    title: str
    seats: Seats
    claim: Standing
    can_drop: bool
    drop_until: int


@dataclass(frozen=True, slots=True)
class Overview:
    """`term` None: the campus has no terms."""

    term: TermView | None
    credits: Credits
    items: Sequence[Enrolled]


class Timetables:
    """`of(actor, wanted)`; one per process."""

    def __init__(self, services: Services, engine: Engine) -> None:
        self._services = services
        self._engine = engine
        self._terms = KnownTerms(services)
        self._sections = ShownSections(services)

    def of(self, actor: Actor, wanted: int | Which) -> Overview:
        """The student's, in this term or one of the two, by course and number. Raises TermNotFoundError."""
        view = self._terms.view(wanted)
        if view is None:
            return Overview(None, Credits(0, 0, 0), ())
        point = self._standpoint(actor, view)
        sheets = [point.sheets[section] for section in point.claims if section in point.sheets]
        seats = self._sections.seats(point.claims)
        items = [_enrolled(shown, seats, point) for shown in self._sections.get_all(sheets)]
        return Overview(view, credits_of(point, view.term.id), items)

    def _standpoint(self, actor: Actor, known: KnownTerm) -> Standpoint:
        """Of this term alone."""
        term = known.term.id
        # Of a term that is over Redis forgets first one section, then the next, and then who held them.
        if known.over:
            own = stored_term(self._services, actor.account_id, term)
        else:
            own = own_term(self._services, self._engine, actor.account_id, term)
        return standing_on(self._services, self._engine, actor, {term: own}, {})


def credits_of(point: Standpoint, term: int) -> Credits:
    """Of what the student holds in a term, by what the courses were worth when they were chosen."""
    own = point.terms[term]
    weights = {"seat": 0, "line": 0}
    for held in own.holds.values():
        weights[held.hold] += held.weight
    return Credits(own.limit, weights["seat"], weights["line"])


def _enrolled(shown: Shown, seats: dict[int, Seats], point: Standpoint) -> Enrolled:
    sheet = point.sheets[shown.section_id]
    return Enrolled(
        shown=shown,
        title=sheet.title,
        seats=seats.get(shown.section_id, (0, 0)),
        claim=point.claims[shown.section_id],
        can_drop=point.can_drop(sheet),
        drop_until=sheet.schedule.drop_until(point.now),
    )
