"""The rows that the sheets of sections are made of: seats, who they are reserved for, meetings, prerequisites and restrictions,
read together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.admission.kinds import PoolSheet
from app.admission.models import SeatPool
from app.catalogue.meeting_models import Meeting, SectionRestriction
from app.catalogue.models import KIND, Course, CoursePrerequisite
from app.catalogue.timetable import Slot
from app.extensions.clock import to_epoch_ms
from app.seating.models import SeatReservation
from app.seating.reservation_rows import reservation_of, reservations_of
from app.seating.reservations import Reservation


class Parts:
    """What belongs to some sections and their courses, looked up by id."""

    def __init__(self) -> None:
        self._pools: dict[int, list[PoolSheet]] = defaultdict(list)
        self._meetings: dict[int, list[Meeting]] = defaultdict(list)
        self._needs: dict[int, list[tuple[CoursePrerequisite, str]]] = defaultdict(list)
        self._restrictions: dict[int, list[SectionRestriction]] = defaultdict(list)
        self._reservations: Mapping[int, Sequence[SeatReservation]] = {}

    def pools(self, section: int) -> tuple[PoolSheet, ...]:
        return tuple(self._pools.get(section, ()))

    def reservations(self, section: int) -> tuple[Reservation, ...]:
        return tuple(map(reservation_of, self._reservations.get(section, ())))

    def slots(self, section: int) -> tuple[Slot, ...]:
        """When it meets."""
        return tuple(
            Slot(one.week_mask, one.weekday, one.first_period, one.last_period)
            for one in self._meetings.get(section, ())
            if not one.is_deleted
        )

    def needs(self, course: int) -> dict[int, str]:
        """Course → name, of its prerequisites."""
        return {one.prerequisite_id: name for one, name in self._needs.get(course, ()) if not one.is_deleted}

    def restrictions(self, section: int, course: int) -> list[SectionRestriction]:
        """Of this section, or of its whole course."""
        return [one for one in self._restrictions.get(course, ()) if one.section_id in {None, section}]

    def edits(self, section: int, course: int) -> int:
        """Grows with every edit of meetings and prerequisites. Deleted ones count too: a sum that loses one goes back."""
        meetings = [one.update_time for one in self._meetings.get(section, ())]
        needs = [one.update_time for one, _ in self._needs.get(course, ())]
        return sum(to_epoch_ms(one) for one in (*meetings, *needs))

    def read(self, session: Session, sections: Collection[int], courses: Collection[int]) -> None:
        pools = select(SeatPool).where(SeatPool.kind == KIND, SeatPool.offering_id.in_(sections))
        for pool in session.scalars(pools.order_by(SeatPool.id)):
            sheet = PoolSheet(pool.pool, pool.capacity, pool.line_capacity, pool.version)
            self._pools[pool.offering_id].append(sheet)
        self._reservations = reservations_of(session, KIND, sections)
        for meeting in session.scalars(select(Meeting).where(Meeting.section_id.in_(sections)).order_by(Meeting.id)):
            self._meetings[meeting.section_id].append(meeting)
        needs = (
            select(CoursePrerequisite, Course.name)
            .join(Course, Course.id == CoursePrerequisite.prerequisite_id)
            .where(CoursePrerequisite.course_id.in_(courses))
            .order_by(CoursePrerequisite.prerequisite_id)
        )
        for need, name in session.execute(needs):
            self._needs[need.course_id].append((need, name))
        kept = or_(SectionRestriction.section_id.is_(None), SectionRestriction.section_id.in_(sections))
        restrictions = select(SectionRestriction).where(
            SectionRestriction.course_id.in_(courses), kept, SectionRestriction.is_deleted.is_(False)
        )
        for one in session.scalars(restrictions):
            self._restrictions[one.course_id].append(one)


def parts_of(session: Session, sections: Collection[int], courses: Collection[int]) -> Parts:
    """What belongs to these sections and courses: one query for each sort of row."""
    parts = Parts()
    if sections:
        parts.read(session, sections, courses)
    return parts
