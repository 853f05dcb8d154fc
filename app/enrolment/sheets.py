"""The sheets of sections: what admission must know of them, read from MariaDB."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admission.kinds import PoolSheet
from app.admission.models import SeatPool
from app.catalogue.meeting_models import Meeting, SectionRestriction
from app.catalogue.models import KIND, Course, CoursePrerequisite, Section, Term
from app.catalogue.timetable import Slot
from app.enrolment.permits.overrides import Waivers, waivers_of
from app.enrolment.rounds.current import Schedule, schedules_of
from app.enrolment.rules import SectionSheet, traits
from app.extensions.clock import to_epoch_ms
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
    ids = [section.id for section, _ in rows]
    courses = {course.id for _, course in rows}
    pools, slots = _pools(session, ids), slots_of(session, ids)
    needs, restrictions = _needs(session, courses), _restrictions(session, courses)
    schedules = schedules_of(session, {section.term_id for section, _ in rows})
    waivers = waivers_of(session, courses)
    return [
        _sheet(
            section,
            course,
            schedules[section.term_id],
            waivers,
            pools=tuple(pools.get(section.id, ())),
            slots=tuple(slots.get(section.id, ())),
            needs=tuple(needs.get(course.id, ())),
            restrictions=tuple(
                Audience.of({**one.audience, "mode": one.mode})
                for one in restrictions.get(course.id, ())
                if one.section_id in {None, section.id}
            ),
        )
        for section, course in rows
    ]


def current_terms(session: Session) -> list[int]:
    """Terms whose last week is not over yet."""
    today = datetime.now(UTC).date()
    return [
        term.id
        for term in session.scalars(select(Term).where(Term.starts_on > today - timedelta(weeks=31)))
        if _ends(term) >= today
    ]


def _ends(term: Term) -> date:
    return term.starts_on + timedelta(weeks=term.weeks)


def slots_of(session: Session, section_ids: Collection[int]) -> dict[int, list[Slot]]:
    """Section → when it meets."""
    found: dict[int, list[Slot]] = {}
    query = select(Meeting).where(Meeting.section_id.in_(section_ids), Meeting.is_deleted.is_(False))
    for one in session.scalars(query.order_by(Meeting.id)) if section_ids else ():
        slot = Slot(one.week_mask, one.weekday, one.first_period, one.last_period)
        found.setdefault(one.section_id, []).append(slot)
    return found


def _sheet(
    section: Section,
    course: Course,
    schedule: Schedule,
    waivers: Waivers,
    *,
    pools: tuple[PoolSheet, ...],
    slots: tuple[Slot, ...],
    needs: tuple[int, ...],
    restrictions: tuple[Audience, ...],
) -> SectionSheet:
    """Without a round, or in one that takes no claims, nothing can be claimed here."""
    now = to_epoch_ms(datetime.now(UTC))
    selection = schedule.at(now)
    braked = section.frozen or section.state != "published"
    return SectionSheet(
        kind=KIND,
        offering_id=section.id,
        opens_at=selection.opens_at if selection else 0,
        closes_at=selection.closes_at if selection else 0,
        cancel_until=schedule.drop_until(now),
        frozen=braked or selection is None or not selection.claimable,
        # A sum, as its rows are written by transactions that do not wait for each other: of two newest times the later
        # may be committed first, and the other change would look old.
        version=to_epoch_ms(section.update_time) + to_epoch_ms(course.update_time) + schedule.version_at(now),
        pools=pools,
        traits=traits(section.term_id, course.id, course.credits, slots, needs),
        title=f"{course.name}（{section.section_no} 班）",
        course_id=course.id,
        term_id=section.term_id,
        round_id=selection.round_id if selection else 0,
        credits=course.credits,
        state=section.state,
        braked=braked,
        read_at=now,
        restrictions=restrictions,
        schedule=schedule,
        waivers=waivers.for_section(section.id, course.id, section.term_id),
    )


def _pools(session: Session, ids: Collection[int]) -> dict[int, list[PoolSheet]]:
    found: dict[int, list[PoolSheet]] = {}
    query = select(SeatPool).where(SeatPool.kind == KIND, SeatPool.offering_id.in_(ids)).order_by(SeatPool.id)
    for one in session.scalars(query) if ids else ():
        sheet = PoolSheet(one.pool, one.capacity, one.line_capacity, one.version)
        found.setdefault(one.offering_id, []).append(sheet)
    return found


def _needs(session: Session, courses: Collection[int]) -> dict[int, list[int]]:
    query = select(CoursePrerequisite.course_id, CoursePrerequisite.prerequisite_id).where(
        CoursePrerequisite.course_id.in_(courses), CoursePrerequisite.is_deleted.is_(False)
    )
    found: dict[int, list[int]] = {}
    for course, prerequisite in session.execute(query) if courses else ():
        found.setdefault(course, []).append(prerequisite)
    return found


def _restrictions(session: Session, courses: Collection[int]) -> dict[int, list[SectionRestriction]]:
    query = select(SectionRestriction).where(
        SectionRestriction.course_id.in_(courses), SectionRestriction.is_deleted.is_(False)
    )
    found: dict[int, list[SectionRestriction]] = {}
    for one in session.scalars(query) if courses else ():
        found.setdefault(one.course_id, []).append(one)
    return found
