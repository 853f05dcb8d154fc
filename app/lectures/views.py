"""A lecture as it is shown: its fields, who may book, and the seats as they were a moment ago."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.admission.models import SeatPool
from app.lectures.draft import LectureDraft
from app.lectures.models import Lecture
from app.org.audience import Audience
from app.seating.models import SeatReservation
from app.seating.reservation_rows import draft_of as reservation_draft
from app.seating.reservations import ReservationDraft
from app.seating.views import Pooled, PoolSeats, PoolView, pool_views


@dataclass(frozen=True, slots=True)
class LectureView(Pooled):
    """A lecture, its pools (reserved ones first) and reservations; `seats_as_of` is when the seats were read."""

    lecture: Lecture
    pools: tuple[PoolView, ...]
    reservations: tuple[ReservationDraft, ...]
    seats_as_of: datetime

    @property
    def restriction(self) -> Audience:
        """Who may book at all."""
        return Audience.of(self.lecture.audience)

    @property
    def phase(self) -> str:
        """upcoming, open, closed or past, by the time the seats were read."""
        return phase_at(self.lecture, self.seats_as_of)


def phase_at(lecture: Lecture, now: datetime) -> str:
    """Where a lecture stands at `now`. Its state (draft, cancelled) is another question."""
    if now >= lecture.ends_at:
        return "past"
    if now >= lecture.closes_at:
        return "closed"
    return "open" if now >= lecture.opens_at else "upcoming"


def view_of(
    lecture: Lecture,
    pools: Sequence[SeatPool],
    reservations: Sequence[SeatReservation],
    seats: Mapping[str, PoolSeats],
    now: datetime,
) -> LectureView:
    """Put the rows of one lecture together."""
    shown = pool_views(pools, reservations, seats)
    return LectureView(lecture, shown, tuple(map(reservation_draft, reservations)), now)


def draft_of(lecture: Lecture, reservations: Sequence[SeatReservation]) -> LectureDraft:
    """A stored lecture as a manager would write it."""
    return LectureDraft(
        title=lecture.title,
        speaker=lecture.speaker,
        place=lecture.place,
        starts_at=lecture.starts_at,
        ends_at=lecture.ends_at,
        opens_at=lecture.opens_at,
        closes_at=lecture.closes_at,
        capacity=lecture.capacity,
        waitlist_capacity=lecture.waitlist_capacity,
        summary=lecture.summary,
        state=lecture.state,
        restriction=Audience.of(lecture.audience),
        reservations=tuple(map(reservation_draft, reservations)),
        reserved_until=lecture.reserved_until,
    )
