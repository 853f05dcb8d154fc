"""What a person has at the time of a lecture: classes, exams, other lectures. Told before booking, and never a refusal.

A place in a line is nothing to go to, as in the feed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from functools import partial
from typing import Literal

from sqlalchemy import select

from app.agenda.booked import BookedLectures
from app.agenda.calendar_file import EXAM_TAKES
from app.agenda.recurrence import days_of
from app.auth.actor import Actor
from app.catalogue.known_terms import KnownTerms
from app.catalogue.models import Term
from app.catalogue.sections import SectionView
from app.catalogue.timetable import PERIODS, Slot
from app.enrolment.mine import Timetables
from app.extensions.copies import Copies
from app.extensions.records import record
from app.extensions.services import Services
from app.lectures.errors import LectureNotFoundError
from app.lectures.models import Lecture

# Of the lecture's times, which everybody asks for who opens its page.
FRESH_S, OLD_S = 2.0, 5.0


@record
class Overlap:
    """`slot`: of a class. `ends_at` None: of an exam, whose length only the course knows."""

    kind: Literal["class", "exam", "lecture"]
    id: int
    title: str
    starts_at: datetime
    ends_at: datetime | None
    slot: Slot | None = None


class Overlaps:
    """One per process."""

    def __init__(self, services: Services, timetables: Timetables, booked: BookedLectures) -> None:
        self._services = services
        self._timetables = timetables
        self._booked = booked
        self._terms = KnownTerms(services)
        self._lectures: Copies[int, Lecture] = Copies(
            self._read, fresh_s=FRESH_S, old_s=OLD_S, check=partial(services.breakers.check, "database")
        )

    def of(self, actor: Actor, lecture_id: int) -> list[Overlap]:
        """What the student has then, in order of time. Raises LectureNotFoundError."""
        lecture = self._lecture(lecture_id)
        starts, ends = lecture.starts_at, lecture.ends_at
        found = [*self._courses(actor, starts, ends)]
        for one in self._booked.between(actor, starts, ends):
            if one.state == "confirmed" and one.lecture.id != lecture_id:
                other = one.lecture
                found.append(Overlap("lecture", other.id, other.title, other.starts_at, other.ends_at))
        return sorted(found, key=lambda one: (one.starts_at, one.id))

    def _lecture(self, lecture_id: int) -> Lecture:
        lecture = self._lectures.get_all([lecture_id]).get(lecture_id)
        if lecture is None or lecture.is_deleted or lecture.state == "draft":
            raise LectureNotFoundError
        return lecture

    def _read(self, ids: Collection[int]) -> Mapping[int, Lecture]:
        with self._services.breakers.guard("database"), self._services.db.reading() as session:
            return {one.id: one for one in session.scalars(select(Lecture).where(Lecture.id.in_(ids)))}

    def _courses(self, actor: Actor, starts: datetime, ends: datetime) -> Iterable[Overlap]:
        """Classes and exams of the term that had begun by then: exams may be after its last week."""
        zone = self._services.settings.campus_timezone
        local = starts.astimezone(zone)
        term = self._terms.begun_by(local.date())
        if term is None:
            return
        for one in self._timetables.of(actor, term.id).items:
            view = one.shown.view
            if one.claim.state == "confirmed" and view.section.state == "published":
                for taking in (*_classes(view, term, local, ends), *_exam(view)):
                    if taking.starts_at < ends and starts < (taking.ends_at or taking.starts_at + EXAM_TAKES):
                        yield taking


def _classes(view: SectionView, term: Term, starts: datetime, ends: datetime) -> Iterable[Overlap]:
    """Its classes on the days from `starts` (campus time) on."""
    free = frozenset(date.fromisoformat(day) for day in term.teaching_free_days)
    last = ends.astimezone(starts.tzinfo).date()
    for meeting in view.meetings:
        slot = Slot(meeting.week_mask, meeting.weekday, meeting.first_period, meeting.last_period)
        for day in days_of(slot, term.starts_on, free):
            if starts.date() <= day <= last:
                begins = datetime.combine(day, PERIODS[slot.first_period - 1].starts_at, starts.tzinfo)
                over = datetime.combine(day, PERIODS[slot.last_period - 1].ends_at, starts.tzinfo)
                yield Overlap("class", view.section.id, view.course.name, begins, over, slot)


def _exam(view: SectionView) -> Iterable[Overlap]:
    if view.section.exam_at is not None:
        yield Overlap("exam", view.section.id, view.course.name, view.section.exam_at, None)
