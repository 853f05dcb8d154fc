"""Who may book what: audiences, reserved pools and the refusal that says why not. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from app.admission.kinds import OfferingSheet
from app.auth.actor import StudentStanding
from app.org.audience import EVERYBODY, Audience
from app.seating.reservations import Reservation, pools_for

# Check-in opens this long before the lecture.
CHECK_IN_BEFORE = timedelta(minutes=60)


@dataclass(frozen=True, slots=True)
class LectureSheet(OfferingSheet):
    """What admission knows of a lecture, with the rules that are checked before it."""

    title: str = ""
    ends_at: int = 0  # epoch ms
    state: str = "published"
    audience: Audience = EVERYBODY
    reservations: tuple[Reservation, ...] = ()

    @property
    def published(self) -> bool:
        """True while it may be booked at all."""
        return self.state == "published"

    def pools_for(self, student: StudentStanding) -> tuple[str, ...]:
        """The pools this student may draw from, reserved ones first."""
        return pools_for(self.reservations, student)


def refusal(sheet: LectureSheet, student: StudentStanding | None) -> str | None:
    """The rule that keeps this student out, None when there is none."""
    if not sheet.published:
        return "not_published"
    if student is None:
        return "not_a_student"
    return None if sheet.audience.admits(student) else "restricted"
