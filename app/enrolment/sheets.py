"""The sheets of sections: what admission must know of them, read from MariaDB."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admission.kinds import Opening
from app.catalogue.models import KIND, Course, Section
from app.catalogue.occupancy import section_title
from app.catalogue.terms import current_terms
from app.enrolment.permits.overrides import Waivers, waivers_of
from app.enrolment.rounds.current import RoundWindow, Schedule, schedules_of
from app.enrolment.rules import SectionSheet, traits
from app.enrolment.sheet_rows import Parts, parts_of
from app.extensions.clock import CampusClock, to_epoch_ms
from app.org.audience import Audience


def current_sections(session: Session) -> list[int]:
    """Published sections of terms that are not over."""
    query = select(Section.id).where(
        Section.term_id.in_(current_terms(session)), Section.state == "published", Section.is_deleted.is_(False)
    )
    return list(session.scalars(query))


def section_sheets(session: Session, section_ids: Sequence[int]) -> list[SectionSheet]:
    """Describe these sections."""
    query = select(Section, Course).join(Course, Course.id == Section.course_id)
    query = query.where(Section.is_deleted.is_(False), Section.id.in_(section_ids))
    rows = [(row[0], row[1]) for row in session.execute(query)]
    courses = {course.id for _, course in rows}
    parts = parts_of(session, [section.id for section, _ in rows], courses)
    schedules = schedules_of(session, {section.term_id for section, _ in rows})
    waivers = waivers_of(session, courses)
    return [_sheet(section, course, schedules[section.term_id], waivers, parts) for section, course in rows]


def _sheet(section: Section, course: Course, schedule: Schedule, waivers: Waivers, parts: Parts) -> SectionSheet:
    """Without a round, or in one that takes no claims, nothing can be claimed here."""
    now = CampusClock().epoch_ms()
    selection = schedule.at(now)
    slots, needs = parts.slots(section.id), parts.needs(course.id)
    braked = section.frozen or section.state != "published"
    sheet = SectionSheet(
        kind=KIND,
        offering_id=section.id,
        opens_at=selection.opens_at if selection else 0,
        closes_at=selection.closes_at if selection else 0,
        cancel_until=schedule.drop_until(now),
        frozen=braked or selection is None or not selection.claimable,
        # A sum, as its rows are written by transactions that do not wait for each other: of two newest times the later
        # may be committed first, and the other change would look old.
        version=_edits(section, course) + parts.edits(section.id, course.id) + schedule.version_at(now),
        pools=parts.pools(section.id),
        traits=traits(section.term_id, course.id, course.credits, slots, tuple(needs)),
        title=section_title(course.name, section.section_no),
        course_id=course.id,
        term_id=section.term_id,
        round_id=selection.round_id if selection else 0,
        credits=course.credits,
        state=section.state,
        braked=braked,
        fair_until=selection.fair_until if selection else 0,
        read_at=now,
        restrictions=tuple(
            Audience.of({**one.audience, "mode": one.mode}) for one in parts.restrictions(section.id, course.id)
        ),
        schedule=schedule,
        waivers=waivers.for_section(section.id, course.id, section.term_id),
        slots=slots,
        needs=needs,
        reservations=parts.reservations(section.id),
    )
    return replace(sheet, following=_following(sheet, selection)) if selection else sheet


def _following(sheet: SectionSheet, current: RoundWindow) -> Opening | None:
    """What counts when the round that does so now is over; None after the last."""
    last = sheet.schedule.at(current.closes_at) is current
    return None if last else sheet.opening_at(current.closes_at)


def _edits(section: Section, course: Course) -> int:
    return to_epoch_ms(section.update_time) + to_epoch_ms(course.update_time)
