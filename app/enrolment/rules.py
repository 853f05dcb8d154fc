"""Who may take which section: what needs no atomic step. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from app.admission.kinds import OfferingSheet, Traits
from app.auth.actor import StudentStanding
from app.catalogue.timetable import Slot
from app.enrolment.rounds.current import RoundWindow, Schedule
from app.org.audience import Audience

# The rules that an override may lift.
WAIVABLE = ("restriction", "prerequisite", "clash", "credit_limit")


@dataclass(frozen=True, slots=True)
class SectionSheet(OfferingSheet):
    """What admission knows of a section, with the restrictions (禁选) that are checked before it.

    The times of an offering are those of the round that counts now; the `schedule` has all of the term's, as a claim is
    judged by the round in which it was admitted. `braked`: this section alone takes no claims. `waivers`: student → rules
    that do not stand against that student here.
    """

    title: str = ""
    course_id: int = 0
    term_id: int = 0
    round_id: int = 0
    credits: Decimal = Decimal(0)
    state: str = "published"
    braked: bool = False
    read_at: int = 0
    restrictions: tuple[Audience, ...] = ()
    schedule: Schedule = field(default_factory=Schedule)
    waivers: Mapping[int, frozenset[str]] = field(default_factory=dict)

    def window_at(self, at: int) -> RoundWindow | None:
        """The round that was open then."""
        window = self.schedule.at(at)
        return window if window is not None and window.opens_at <= at < window.closes_at else None

    def droppable_at(self, at: int) -> bool:
        """True when the round of then, or an earlier one, let seats be given up."""
        return at < self.schedule.drop_until(at)

    @property
    def window(self) -> RoundWindow | None:
        """The round that counted when the sheet was read."""
        return self.schedule.at(self.read_at)

    @property
    def published(self) -> bool:
        """True while it may be chosen at all."""
        return self.state == "published"

    def waived(self, student_id: int) -> frozenset[str]:
        """The rules that an override lifts for this student here."""
        return self.waivers.get(student_id, frozenset())


def refusal(sheet: SectionSheet, student: StudentStanding | None, waived: frozenset[str] = frozenset()) -> str | None:
    """The rule that keeps this student out, None when there is none."""
    if not sheet.published:
        return "not_published"
    if student is None:
        return "not_a_student"
    if "restriction" in waived:
        return None
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


def clash(one: SectionSheet, other: SectionSheet) -> bool:
    """True when nobody can sit in both."""
    return one.traits is not None and other.traits is not None and overlap(one.traits, other.traits)


def needs_of(sheet: SectionSheet) -> tuple[int, ...]:
    """Courses that must have been passed."""
    return sheet.traits.needs if sheet.traits else ()
