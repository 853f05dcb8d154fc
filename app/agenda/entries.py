"""What stands in a person's calendar: classes and exams of the sections he has or teaches, lectures he has booked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.agenda.feeds import owner_of
from app.catalogue.meeting_models import Meeting
from app.catalogue.models import Course, Section, Term
from app.catalogue.terms import campus_day, end_of
from app.catalogue.timetable import Slot
from app.enrolment.models import Enrolment
from app.extensions.records import record
from app.extensions.services import Services
from app.lectures.models import Lecture, LectureBooking

# How long what is over stays in the calendar.
KEEP = timedelta(weeks=26)


@record
class ClassEntry:
    """One meeting of a section: its slot in the weeks of a term. `changed_at`: the last change of any part."""

    meeting_id: int
    section: Section
    course: Course
    slot: Slot
    place: str
    starts_on: date
    free_days: frozenset[date]
    changed_at: datetime


@record
class ExamEntry:
    """A section's exam."""

    section: Section
    course: Course
    at: datetime
    changed_at: datetime


@record
class Entries:
    """A person's whole calendar."""

    classes: tuple[ClassEntry, ...]
    exams: tuple[ExamEntry, ...]
    lectures: tuple[Lecture, ...]


Place = tuple[Section, Course, Term]


def entries_of_feed(services: Services, token: str) -> Entries:
    """What the feed with this secret shows. Raises CalendarFeedNotFoundError."""
    since = campus_day(services) - KEEP
    with services.breakers.guard("database"), services.db.reading() as session:
        account_id = owner_of(session, token)
        places = [place for place in _sections(session, account_id) if end_of(place[2]) >= since]
        exams = [
            ExamEntry(section, course, section.exam_at, max(section.update_time, course.update_time))
            for section, course, _ in places
            if section.exam_at is not None
        ]
        lectures = _lectures(session, account_id, services.clock.now() - KEEP)
        return Entries(tuple(_classes(session, places)), tuple(exams), tuple(lectures))


def _sections(session: Session, account_id: int) -> Sequence[Place]:
    """Sections with a seat (a place in the line is none), and those of a teacher."""
    taken = select(Enrolment.section_id).where(
        Enrolment.student_id == account_id, Enrolment.active == 1, Enrolment.state == "confirmed"
    )
    query = (
        select(Section, Course, Term)
        .join(Course, Course.id == Section.course_id)
        .join(Term, Term.id == Section.term_id)
        .where(or_(Section.id.in_(taken), Section.teacher_id == account_id))
        .where(Section.state == "published", Section.is_deleted.is_(False))
        .order_by(Section.id)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def _classes(session: Session, places: Sequence[Place]) -> Iterable[ClassEntry]:
    by_section = {section.id: (section, course, term) for section, course, term in places}
    query = select(Meeting).where(Meeting.section_id.in_(by_section), Meeting.is_deleted.is_(False))
    for meeting in session.scalars(query.order_by(Meeting.id)):
        section, course, term = by_section[meeting.section_id]
        yield ClassEntry(
            meeting_id=meeting.id,
            section=section,
            course=course,
            slot=Slot(meeting.week_mask, meeting.weekday, meeting.first_period, meeting.last_period),
            place=meeting.place,
            starts_on=term.starts_on,
            free_days=frozenset(date.fromisoformat(day) for day in term.teaching_free_days),
            changed_at=max(one.update_time for one in (meeting, section, course, term)),
        )


def _lectures(session: Session, account_id: int, since: datetime) -> Sequence[Lecture]:
    query = select(Lecture).join(LectureBooking, LectureBooking.lecture_id == Lecture.id)
    mine = (
        LectureBooking.student_id == account_id,
        LectureBooking.active == 1,
        LectureBooking.state == "confirmed",
        Lecture.ends_at >= since,
    )
    return session.scalars(query.where(*mine).order_by(Lecture.id)).all()
