"""Add a section: its row, meetings and seats. When it is published it can be chosen as soon as the answer is out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.admission.engine import Engine
from app.admission.resizing import create_pool
from app.admission.telling import Told, store_effects, tell
from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.catalogue.errors import CourseNotFoundError, TermNotFoundError
from app.catalogue.models import KIND, Course, Section, Term
from app.catalogue.sections import SectionDetail
from app.enrolment.errors import SectionTakenError
from app.enrolment.sections.concerns import doubles_of, refuse
from app.enrolment.sections.draft import MeetingDraft, check_meetings, check_reservations
from app.enrolment.sections.reading import managed_section
from app.enrolment.sections.rows import next_number, put_kept, put_meetings, teacher_of
from app.extensions.services import Services
from app.extensions.versions import locked
from app.extensions.writing import write
from app.seating.pools import Sizes, name_pools, plan_sizes
from app.seating.reservations import ReservationDraft


def create_section(
    services: Services, engine: Engine, actor: Actor, values: Mapping[str, Any], *, force: bool = False
) -> SectionDetail:
    """From the section's fields, `meetings` and `reservations`; the number is the next one, and the teachers' names the
    teacher's, unless they are given.

    Raises CourseNotFoundError, TermNotFoundError, TeacherNotFoundError, InvalidInputError, SectionTakenError; without `force`
    also PlaceTakenError and TeacherTakenError.
    """
    actor.require(Permission.COURSES_MANAGE)
    section_id = services.ids.next_id()
    fields = dict(values)
    meetings: Sequence[MeetingDraft] = fields.pop("meetings", ())
    kept: Sequence[ReservationDraft] = fields.pop("reservations", ())
    check_reservations(kept, fields["capacity"])

    def work(session: Session) -> Told:
        # The course alone: two who add a section of it at once shall not find the same next number.
        locked(session, Course, fields["course_id"], CourseNotFoundError)
        # The term too: of two who want the same room at once, the second shall find it taken.
        term = locked(session, Term, fields["term_id"], TermNotFoundError)
        check_meetings(meetings, term.weeks)
        complete = _complete(session, fields)
        if not force:
            refuse(doubles_of(session, (term.id, section_id), meetings, complete.get("teacher_id"), rooms=True))
        session.add(Section(id=section_id, version=1, **complete))
        session.flush()
        put_meetings(session, services.ids, section_id, meetings)
        named = name_pools(kept, {}, ())
        put_kept(session, services.ids, section_id, named)
        sizes = Sizes(complete["capacity"], complete["waitlist_capacity"], named)
        for change in plan_sizes(KIND, section_id, sizes, {}).new:
            create_pool(session, services.ids.next_id(), change)
        session.flush()
        return store_effects(session, services.ids, [(KIND, section_id)])

    taken = {"uq_section_number": lambda: SectionTakenError(section_no=fields["section_no"])}
    tell(services, engine, write(services, work, taken))
    return managed_section(services, actor, section_id)


def _complete(session: Session, fields: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(fields)
    if found.get("teacher_id") is not None:
        found.setdefault("teacher_names", teacher_of(session, found["teacher_id"]).display_name)
    found.setdefault("teacher_names", "")
    if "section_no" not in found:
        found["section_no"] = next_number(session, found["course_id"], found["term_id"])
    return found
