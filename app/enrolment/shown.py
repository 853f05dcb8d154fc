"""Sections as this worker shows them. What a timetable says of a section changes with its edits only, and each of those
raises the version of its sheet: a copy of that version is good for as long as the sheet is. Seats move with every claim,
and are a copy of their own, seconds old.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from app.admission.models import SeatPool
from app.catalogue.models import KIND, Course, Section
from app.catalogue.sections import SectionView, section_views
from app.enrolment.rules import SectionSheet
from app.extensions.breakers import DependencyDownError
from app.extensions.coalesce import Coalescer, Ticket
from app.extensions.copies import Copies
from app.extensions.services import Services

SEATS_FRESH_S, SEATS_OLD_S = 1.0, 3.0
MOST = 20_000

Seats = tuple[int, int]  # (seats left, waiting)
_place = attrgetter("place")


@dataclass(slots=True)
class Shown:
    """A section, its seats aside. `place`: where it stands in lists, by course and number. `rendered`: what whoever shows
    it has made of it, by language.
    """

    section_id: int
    place: tuple[int, int]
    version: int
    view: SectionView
    rendered: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, view: SectionView, version: int) -> Shown:
        section = view.section
        return cls(section.id, (section.course_id, section.section_no), version, view)


class ShownSections:
    """One per process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._known: dict[int, Shown] = {}
        check = partial(services.breakers.check, "database")
        self._reader: Coalescer[SectionSheet, Shown | None] = Coalescer(self._read, in_flight=1, check=check)
        self._seats: Copies[int, Seats] = Copies(
            self._read_seats, fresh_s=SEATS_FRESH_S, old_s=SEATS_OLD_S, check=check
        )

    def get_all(self, sheets: Collection[SectionSheet]) -> list[Shown]:
        """These sections, by course and number. Raises the database's error only for one that was never seen."""
        known = self._known
        found = [known.get(sheet.offering_id) for sheet in sheets]
        if any(one is None or one.version != sheet.version for one, sheet in zip(found, sheets, strict=True)):
            found = self._renewed(sheets)
        return sorted((one for one in found if one is not None), key=_place)

    def seats(self, section_ids: Collection[int]) -> dict[int, Seats]:
        """Seats left and how many wait, by section, as MariaDB had them seconds ago. Raises like `get_all`."""
        return self._seats.get_all(section_ids)

    def _renewed(self, sheets: Collection[SectionSheet]) -> list[Shown | None]:
        """Those of another version are read together; what cannot be read now stays as it was."""
        known = {sheet.offering_id: self._known.get(sheet.offering_id) for sheet in sheets}
        changed = [one for one in sheets if (was := known[one.offering_id]) is None or was.version != one.version]
        for sheet, outcome in zip(changed, self._reader.ask_together(changed), strict=True):
            if not isinstance(outcome, Exception):
                known[sheet.offering_id] = outcome
            elif known[sheet.offering_id] is None or not isinstance(outcome, (SQLAlchemyError, DependencyDownError)):
                raise outcome
        return list(known.values())

    def _read(self, tickets: list[Ticket[SectionSheet, Shown | None]]) -> None:
        views = {one.section.id: one for one in views_of(self._services, {one.item.offering_id for one in tickets})}
        if len(self._known) > MOST:
            self._known.clear()
        for ticket in tickets:
            section = ticket.item.offering_id
            if section in views:
                self._known[section] = Shown.of(views[section], ticket.item.version)
            ticket.resolve(self._known.get(section))

    def _read_seats(self, section_ids: Collection[int]) -> Mapping[int, Seats]:
        left = func.sum(func.greatest(0, SeatPool.capacity - SeatPool.taken))
        query = select(SeatPool.offering_id, left, func.sum(SeatPool.waiting)).group_by(SeatPool.offering_id)
        query = query.where(SeatPool.kind == KIND, SeatPool.offering_id.in_(section_ids))
        with self._services.breakers.guard("database"), self._services.db.reading() as session:
            return {row[0]: (int(row[1]), int(row[2])) for row in session.execute(query)}


def views_of(services: Services, section_ids: Collection[int]) -> list[SectionView]:
    """These sections whatever has become of them, by course and number."""
    query = (
        select(Section, Course)
        .join(Course, Course.id == Section.course_id)
        .where(Section.id.in_(section_ids))
        .order_by(Section.course_id, Section.section_no)
    )
    with services.breakers.guard("database"), services.db.reading() as session:
        return section_views(session, [(row[0], row[1]) for row in session.execute(query)]) if section_ids else []
