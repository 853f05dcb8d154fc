"""Seats of an offering kept for some students: what a manager writes, and which pools a student may draw from. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.admission.claims import GENERAL
from app.auth.actor import StudentStanding
from app.org.audience import Audience


@dataclass(frozen=True, slots=True)
class Reservation:
    """A reserved pool and whom it is for."""

    pool: str
    name: str
    audience: Audience


@dataclass(frozen=True, slots=True)
class ReservationDraft:
    """Seats wanted for an audience. `pool` names an existing reservation, None is a new one."""

    name: str
    seats: int
    audience: Audience
    pool: str | None = None


def pools_for(reservations: Iterable[Reservation], student: StudentStanding) -> tuple[str, ...]:
    """The pools this student may draw from, reserved ones first."""
    return (*(one.pool for one in reservations if one.audience.names(student)), GENERAL)


def mistakes_in(reservations: Sequence[ReservationDraft], capacity: int) -> list[str]:
    """What does not fit the others or the `capacity` of the whole, in sentences for a form."""
    found = []
    if sum(one.seats for one in reservations) > capacity:
        found.append("More seats are reserved than there are.")
    if any(one.audience.empty for one in reservations):
        found.append("Each needs at least one college, grade or class.")
    pools = [one.pool for one in reservations if one.pool is not None]
    if len(pools) != len(set(pools)):
        found.append("The same pool is named twice.")
    return found
