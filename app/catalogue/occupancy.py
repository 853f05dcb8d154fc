"""Who uses which rooms and teachers of a term, and when: a room or a teacher cannot be in two sections at once.

Whoever adds to a term's timetable holds the term's row alone (`lock_timetable`): two at once would both find a room free.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import false, func, or_, select
from sqlalchemy.orm import Session

from app.catalogue.meeting_models import Meeting
from app.catalogue.models import Course, Section, Term
from app.catalogue.timetable import Clash, Slot, clash
from app.seating.places import room_of

What = Literal["place", "teacher"]


@dataclass(frozen=True, slots=True)
class Use:
    """One meeting of a section (`title` as people call it): when, where, and the teacher's account when one is known."""

    term_id: int
    section_id: int
    title: str
    slot: Slot
    place: str
    teacher_id: int | None


@dataclass(frozen=True, slots=True)
class Double:
    """A room or a teacher that would be in two sections at once."""

    what: What
    mine: Use
    other: Use
    clash: Clash


class Occupancy:
    """`doubles` says what stands against more meetings; `add` them when nothing does."""

    def __init__(self, uses: Iterable[Use] = ()) -> None:
        self._by: dict[tuple[What, int, str | int], list[Use]] = defaultdict(list)
        self.add(uses)

    def add(self, uses: Iterable[Use]) -> None:
        """From now on these are taken, too."""
        for one in uses:
            for what, key in _keys(one):
                self._by[what, one.term_id, key].append(one)

    def doubles(self, uses: Iterable[Use]) -> list[Double]:
        """Rooms first. A section is never in its own way here: what meets itself is another mistake."""
        found = [
            Double(what, mine, other, both)
            for mine in uses
            for what, key in _keys(mine)
            for other in self._by.get((what, mine.term_id, key), ())
            if other.section_id != mine.section_id and (both := clash(mine.slot, other.slot)) is not None
        ]
        return sorted(found, key=lambda one: one.what)


def _keys(one: Use) -> Iterator[tuple[What, str | int]]:
    room = room_of(one.place)
    if room:
        yield "place", room
    if one.teacher_id is not None:
        yield "teacher", one.teacher_id


def lock_timetable(session: Session, term_ids: Iterable[int]) -> None:
    """Nobody else plans in these terms until the transaction ends. After courses and sections, before accounts."""
    wanted = sorted(set(term_ids))
    if wanted:
        session.execute(select(Term.id).where(Term.id.in_(wanted)).order_by(Term.id).with_for_update()).all()


def occupancy_of(
    session: Session, term_ids: Collection[int], places: Collection[str], teachers: Collection[int]
) -> Occupancy:
    """What sections of these terms that were not called off, drafts too, have of these rooms and teachers."""
    rooms = sorted({place.strip() for place in places if room_of(place)})
    if not term_ids or not (rooms or teachers):
        return Occupancy()
    query = (
        select(Meeting, Section, Course.name)
        .join(Section, Section.id == Meeting.section_id)
        .join(Course, Course.id == Section.course_id)
        .where(Section.term_id.in_(term_ids), Section.is_deleted == false(), Section.state != "cancelled")
        .where(Meeting.is_deleted == false())
        .where(or_(func.trim(Meeting.place).in_(rooms), Section.teacher_id.in_(sorted(teachers))))
    )
    return Occupancy(_use(*row) for row in session.execute(query))


def _use(meeting: Meeting, section: Section, course: str) -> Use:
    slot = Slot(meeting.week_mask, meeting.weekday, meeting.first_period, meeting.last_period)
    title = section_title(course, section.section_no)
    return Use(section.term_id, section.id, title, slot, meeting.place, section.teacher_id)


def section_title(course: str, section_no: int) -> str:
    """A section as people call it."""
    return f"{course}（{section_no} 班）"
