"""Who may take which section: what needs no atomic step. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from app.admission.kinds import OfferingSheet, Traits
from app.auth.actor import StudentStanding
from app.catalogue.timetable import Slot
from app.org.audience import Audience


@dataclass(frozen=True, slots=True)
class Window:
    """A published round: choose from `opens_at` until `closes_at`, drop until `drop_until` (epoch ms). `claimable`: by
    claims, one by one."""

    opens_at: int
    closes_at: int
    drop_until: int
    claimable: bool


@dataclass(frozen=True, slots=True)
class SectionSheet(OfferingSheet):
    """What admission knows of a section, with the restrictions (禁选) that are checked before it.

    The times of an offering are those of the round that counts now; `windows` are all of the term's, as a claim is
    judged by the round in which it was admitted. `braked`: this section alone takes no claims.
    """

    title: str = ""
    course_id: int = 0
    term_id: int = 0
    credits: Decimal = Decimal(0)
    state: str = "published"
    restrictions: tuple[Audience, ...] = ()
    windows: tuple[Window, ...] = ()
    braked: bool = False

    def window_at(self, at: int) -> Window | None:
        """The round that was open then."""
        return next((one for one in self.windows if one.opens_at <= at < one.closes_at), None)

    def droppable_at(self, at: int) -> bool:
        """True when the round that counts now, or one that had begun then, let seats be given up."""
        return at < self.cancel_until or any(one.opens_at <= at < one.drop_until for one in self.windows)

    @property
    def published(self) -> bool:
        """True while it may be chosen at all."""
        return self.state == "published"


def refusal(sheet: SectionSheet, student: StudentStanding | None) -> str | None:
    """The rule that keeps this student out, None when there is none."""
    if not sheet.published:
        return "not_published"
    if student is None:
        return "not_a_student"
    return None if all(one.admits(student) for one in sheet.restrictions) else "restricted"


def tenths(worth: Decimal) -> int:
    """Credits as the engine weighs them."""
    return int(worth * 10)


def traits(term_id: int, course_id: int, worth: Decimal, slots: tuple[Slot, ...], needs: tuple[int, ...]) -> Traits:
    """A section's traits: the scope is the term, the group is the course."""
    meetings = tuple((one.weekday, one.periods, one.week_mask) for one in slots)
    return Traits(term_id, course_id, tenths(worth), meetings, needs)


def overlap(mine: Traits, theirs: Traits) -> bool:
    """True when two sections meet in the same period of the same day of the same week."""
    return any(a[0] == b[0] and a[1] & b[1] and a[2] & b[2] for a in mine.slots for b in theirs.slots)
