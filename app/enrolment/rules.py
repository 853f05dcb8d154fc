"""Who may take which section: the rules, as the worker, the settling transaction and every preview ask them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.admission.errors import CreditLimitError, OnHoldError
from app.admission.kinds import OfferingSheet, Opening, Traits
from app.auth.actor import StudentStanding
from app.catalogue.timetable import Slot, clashes, print_slot
from app.enrolment.errors import ClashesWithError, NeedsCourseError, SameCourseError
from app.enrolment.rounds.current import RoundWindow, Schedule
from app.errors import SeatrushError, Words
from app.org.audience import Audience
from app.seating.reservations import Reservation, pools_for

# The rules that an override may lift.
WAIVABLE = ("restriction", "prerequisite", "clash", "credit_limit")


@dataclass(frozen=True, slots=True)
class SectionSheet(OfferingSheet):
    """What admission knows of a section, with the restrictions (禁选) that are checked before it.

    The times of an offering are those of the round that counts now; the `schedule` has all of the term's, as a claim is
    judged by the round in which it was admitted. `braked`: this section alone takes no claims. `waivers`: student → rules
    that do not stand against that student here. `needs`: courses that must have been passed, and their names.
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
    slots: tuple[Slot, ...] = ()
    needs: Mapping[int, str] = field(default_factory=dict)
    reservations: tuple[Reservation, ...] = ()

    def opening_at(self, at: int) -> Opening:
        """That of the round which counts then; without any, nothing can be claimed."""
        window = self.schedule.at(at)
        if window is None:
            return Opening(0, 0, 0, frozen=True)
        frozen = self.braked or not window.claimable
        fair = window.fair_until > 0
        return Opening(window.opens_at, window.closes_at, self.schedule.drop_until(at), frozen=frozen, fair=fair)

    def window_at(self, at: int) -> RoundWindow | None:
        """The round that was open then."""
        window = self.schedule.at(at)
        return window if window is not None and window.opens_at <= at < window.closes_at else None

    def droppable_at(self, at: int) -> bool:
        """True when the round of then, or an earlier one, let seats be given up."""
        return at < self.schedule.drop_until(at)

    @property
    def published(self) -> bool:
        """True while it may be chosen at all."""
        return self.state == "published"

    @property
    def weight(self) -> int:
        """Credits in tenths."""
        return tenths(self.credits)

    def pools_for(self, student: StudentStanding) -> tuple[str, ...]:
        """The pools this student may draw from, reserved ones first."""
        return pools_for(self.reservations, student)

    def waived(self, student_id: int) -> frozenset[str]:
        """The rules that an override lifts for this student here."""
        return self.waivers.get(student_id, frozenset())


@dataclass(frozen=True, slots=True)
class Hold:
    """A "seat" or a place in the "line", its course, and its credits on the day it was chosen, in tenths."""

    hold: str
    course: int
    weight: int


@dataclass(slots=True)
class Holdings:
    """What a student brings to a term and has in it: limit in tenths of a credit, courses passed, why nothing may be
    chosen (`bar`), and what is held, by section."""

    limit: int = 0
    passed: Collection[int] = ()
    bar: str = ""
    holds: dict[int, Hold] = field(default_factory=dict)


def refusal(sheet: SectionSheet, student: StudentStanding | None, waived: frozenset[str] = frozenset()) -> str | None:
    """The rule that keeps this student out, None when there is none."""
    if not sheet.published:
        return "not_published"
    if student is None:
        return "not_a_student"
    if "restriction" in waived:
        return None
    return None if all(one.admits(student) for one in sheet.restrictions) else "restricted"


def refusals(
    sheet: SectionSheet,
    mine: Holdings,
    sheets: Mapping[int, SectionSheet],
    waived: frozenset[str] = frozenset(),
    without: int = 0,
) -> Iterator[SeatrushError]:
    """Every rule about what the student has that stands against this section, in the order in which admission asks.

    `sheets` describes what is held; `without`: the section that is given up in the same step, as if it were gone.
    """
    if mine.bar:
        yield OnHoldError(hold=mine.bar)
    if "prerequisite" not in waived:
        missing = [one for one in sheet.needs if one not in mine.passed]
        yield from (NeedsCourseError(needs=str(one), needs_title=sheet.needs[one]) for one in missing)
    others = {one: held for one, held in mine.holds.items() if one not in {sheet.offering_id, without}}
    for one, held in others.items():
        if held.course == sheet.course_id:
            yield SameCourseError(**named(one, sheets.get(one)))
    seats = {one: held for one, held in others.items() if held.hold == "seat"}
    # A section that was deleted has no sheet, and no hold on anybody's time.
    theirs = [found for one in seats if (found := sheets.get(one)) is not None]
    if "clash" not in waived:
        yield from (clash_with(sheet, one) for one in theirs if clashes(sheet.slots, one.slots))
    # As `term_credit.used` and the unique key count them, whatever the courses are worth now.
    used, own = sum(held.weight for held in seats.values()), mine.holds.get(sheet.offering_id)
    weight = own.weight if own else sheet.weight
    if used + weight > mine.limit and "credit_limit" not in waived:
        yield CreditLimitError(used=in_credits(used), weight=in_credits(weight), limit=in_credits(mine.limit))


def clash_with(sheet: SectionSheet, held: SectionSheet) -> ClashesWithError:
    """What it clashes with, and when that one meets."""
    slots = list(dict.fromkeys(found.other for found in clashes(sheet.slots, held.slots)))
    when = Words("、".join(print_slot(one) for one in slots), ", ".join(print_slot(one, "en") for one in slots))
    return ClashesWithError(**named(held.offering_id, held), when=when)


def named(section_id: int, sheet: SectionSheet | None) -> dict[str, Any]:
    """A section as a refusal speaks of it."""
    return {"offering_id": str(section_id), "offering_title": sheet.title if sheet else ""}


def tenths(worth: Decimal) -> int:
    """Credits as the engine weighs them."""
    return int(worth * 10)


def in_credits(weight: int) -> str:
    """Tenths as a person writes credits."""
    return f"{weight / 10:.1f}"


def traits(term_id: int, course_id: int, worth: Decimal, slots: tuple[Slot, ...], needs: tuple[int, ...]) -> Traits:
    """A section's traits: the scope is the term, the group is the course."""
    meetings = tuple((one.weekday, one.periods, one.week_mask) for one in slots)
    return Traits(term_id, course_id, tenths(worth), meetings, needs)
