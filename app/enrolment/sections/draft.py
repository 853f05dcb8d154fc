"""What a manager writes about a section, and the rules it must keep. Pure: no database here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from app.catalogue.timetable import Slot, clash, print_slot
from app.errors import InvalidInputError
from app.seating.reservations import ReservationDraft, mistakes_in


@dataclass(frozen=True, slots=True)
class MeetingDraft:
    """One meeting: when (weeks as a mask) and where."""

    slot: Slot
    place: str


def check_meetings(meetings: Sequence[MeetingDraft], term_weeks: int) -> None:
    """Raise InvalidInputError for meetings beyond the term, backwards, or two at once."""
    errors = []
    for one in meetings:
        if one.slot.first_period > one.slot.last_period:
            errors.append(f"{print_slot(one.slot, 'en')}: it ends before it begins.")
        if one.slot.week_mask >= 1 << term_weeks:
            errors.append(f"{print_slot(one.slot, 'en')}: the term has {term_weeks} weeks.")
    for one, other in combinations(meetings, 2):
        if clash(one.slot, other.slot):
            errors.append(f"{print_slot(one.slot, 'en')} and {print_slot(other.slot, 'en')} are at the same time.")
    if errors:
        raise InvalidInputError(errors={"meetings": errors})


def check_reservations(reservations: Sequence[ReservationDraft], capacity: int) -> None:
    """Raise InvalidInputError for reservations that do not fit each other or the section's seats."""
    mistakes = mistakes_in(reservations, capacity)
    if mistakes:
        raise InvalidInputError(errors={"reservations": mistakes})
