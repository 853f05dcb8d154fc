"""The lectures that a person has a seat in or waits for, between two moments: one look for all who ask within milliseconds.

Fresh, never a copy: a timetable asks again because something was just decided.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, time

from sqlalchemy import select

from app.auth.actor import Actor
from app.catalogue.known_terms import KnownTerms, Which
from app.catalogue.terms import end_of
from app.extensions.coalesce import Coalescer, Ticket
from app.extensions.records import record
from app.extensions.services import Services
from app.lectures.models import Lecture, LectureBooking

Asked = tuple[int, datetime, datetime]  # (account, from, until)


@record
class Booked:
    """A lecture with the booking that holds a seat of it (confirmed) or a place in its line (waitlisted)."""

    lecture: Lecture
    claim_id: str
    state: str


class BookedLectures:
    """One per process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._terms = KnownTerms(services)
        self._reader: Coalescer[Asked, list[Booked]] = Coalescer(self._read)

    def in_term(self, actor: Actor, wanted: int | Which) -> list[Booked]:
        """Those of a term's weeks, the soonest first; none when there are no terms. Raises TermNotFoundError."""
        view = self._terms.view(wanted)
        if view is None:
            return []
        zone = self._services.settings.campus_timezone
        first, after = view.term.starts_on, end_of(view.term)
        return self.between(actor, datetime.combine(first, time(), zone), datetime.combine(after, time(), zone))

    def between(self, actor: Actor, since: datetime, until: datetime) -> list[Booked]:
        """Those that take place, if only in part, after `since` and before `until`, the soonest first."""
        return self._reader.ask((actor.account_id, since, until))

    def _read(self, tickets: list[Ticket[Asked, list[Booked]]]) -> None:
        query = (
            select(Lecture, LectureBooking)
            .join(LectureBooking, LectureBooking.lecture_id == Lecture.id)
            .where(
                LectureBooking.student_id.in_({ticket.item[0] for ticket in tickets}),
                LectureBooking.active == 1,
                Lecture.ends_at > min(ticket.item[1] for ticket in tickets),
                Lecture.starts_at < max(ticket.item[2] for ticket in tickets),
            )
            .order_by(Lecture.starts_at, Lecture.id)
        )
        found: defaultdict[int, list[Booked]] = defaultdict(list)
        with self._services.breakers.guard("database"), self._services.db.reading() as session:
            for lecture, booking in session.execute(query):
                found[booking.student_id].append(Booked(lecture, booking.claim_id, booking.state))
        for ticket in tickets:
            account, since, until = ticket.item
            mine = found.get(account, [])
            ticket.resolve([one for one in mine if one.lecture.ends_at > since and one.lecture.starts_at < until])
