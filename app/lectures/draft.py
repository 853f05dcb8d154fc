"""What a manager writes about a lecture, and the rules it must keep. Pure: no database here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.errors import InvalidInputError
from app.org.audience import Audience
from app.seating.reservations import ReservationDraft, mistakes_in

# Lists find what is not over yet by an index on the beginning, so nothing may last longer than this.
LONGEST = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class LectureDraft:
    """Every field a manager may set. Times are aware."""

    title: str
    speaker: str
    place: str
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime
    closes_at: datetime
    capacity: int
    waitlist_capacity: int = 0
    summary: str = ""
    state: str = "published"
    restriction: Audience = field(default_factory=Audience)
    reservations: tuple[ReservationDraft, ...] = ()
    reserved_until: datetime | None = None

    def check(self) -> None:
        """Raise InvalidInputError naming every field that does not fit the others."""
        errors = _time_errors(self)
        if self.restriction.mode != "none" and self.restriction.empty:
            errors.setdefault("restriction", []).append("Name at least one college, grade or class.")
        kept = mistakes_in(self.reservations, self.capacity)
        if kept:
            errors["reservations"] = kept
        if errors:
            raise InvalidInputError(errors=errors)


def _time_errors(draft: LectureDraft) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if draft.opens_at >= draft.closes_at:
        errors.setdefault("closes_at", []).append("Booking must close after it opens.")
    if draft.starts_at >= draft.ends_at:
        errors.setdefault("ends_at", []).append("A lecture must end after it starts.")
    elif draft.ends_at - draft.starts_at > LONGEST:
        errors.setdefault("ends_at", []).append(f"A lecture lasts at most {LONGEST.days} days.")
    if draft.closes_at > draft.ends_at:
        errors.setdefault("closes_at", []).append("Booking must close before the lecture ends.")
    if draft.reserved_until is not None and draft.reserved_until > draft.ends_at:
        errors.setdefault("reserved_until", []).append("Must be before the lecture ends.")
    return errors
