"""Reads of sections: the list with its filters, and one section with its meetings, restrictions and seats."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select
from sqlalchemy.orm import Session, aliased

from app.admission.models import SeatPool
from app.catalogue.errors import SectionNotFoundError
from app.catalogue.meeting_models import Meeting, SectionRestriction
from app.catalogue.models import KIND, Course, Section
from app.catalogue.selecting import term_to_choose_in
from app.extensions.services import Services
from app.seating.models import SeatReservation
from app.seating.reservation_rows import draft_of
from app.seating.reservations import ReservationDraft
from app.seating.views import Pooled, PoolView, pool_views, stored_seats

# (course id, section number): the list's order
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class SectionFilter:
    """What the list is narrowed to; `q` is looked for in the course's name and code."""

    q: str = ""
    course_id: int | None = None
    college_id: int | None = None
    teacher: str = ""
    weekday: int | None = None
    period: int | None = None
    language: str = ""
    mooc: bool | None = None
    category: str = ""
    general_type: str = ""
    #: Others than published are for managers.
    states: tuple[str, ...] = ("published",)
    #: Only with a seat left, as MariaDB knows it.
    free: bool = False
    #: Only such as meet at no time when one of these sections does.
    apart_from: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SectionView(Pooled):
    """A section with its course, meetings, pools (reserved ones first, seats as MariaDB has them) and reservations."""

    section: Section
    course: Course
    meetings: tuple[Meeting, ...]
    pools: tuple[PoolView, ...]
    reservations: tuple[ReservationDraft, ...]


@dataclass(frozen=True, slots=True)
class SectionDetail:
    """A section and who is kept out of it or of its whole course."""

    view: SectionView
    restrictions: tuple[SectionRestriction, ...]


def list_sections(
    services: Services, term_id: int | None, wanted: SectionFilter, *, after: Place | None, limit: int
) -> list[SectionView]:
    """Up to `limit` published sections of a term (that of selection by default) beyond `after`, by course and number.

    Raises TermNotFoundError.
    """
    with services.breakers.guard("database"), services.db.reading() as session:
        term = term_to_choose_in(session, services, term_id)
        return sections_in(session, term.id, wanted, after=after, limit=limit) if term else []


def public_section(services: Services, section_id: int) -> SectionDetail:
    """One section as everybody may see it: published, or cancelled. Raises SectionNotFoundError."""
    query = (
        select(Section, Course)
        .join(Course, Course.id == Section.course_id)
        .where(Section.id == section_id, Section.state != "draft", Section.is_deleted == false())
    )
    with services.breakers.guard("database"), services.db.reading() as session:
        row = session.execute(query).first()
        if row is None:
            raise SectionNotFoundError
        (view,) = section_views(session, [(row[0], row[1])])
        return SectionDetail(view, tuple(session.scalars(_restrictions_of(row[0]))))


def sections_in(
    session: Session, term_id: int, wanted: SectionFilter, *, after: Place | None, limit: int | None
) -> list[SectionView]:
    """The same within a session, all of them without a limit."""
    rows = session.execute(section_listing(term_id, wanted, after, limit))
    return section_views(session, [(row[0], row[1]) for row in rows])


def section_listing(
    term_id: int, wanted: SectionFilter, after: Place | None, limit: int | None
) -> Select[Section, Course]:
    """The list's query; without words or a college it reads ix_section_list in order."""
    query = (
        select(Section, Course)
        .join(Course, Course.id == Section.course_id)
        .where(Section.term_id == term_id, _in_state(wanted.states), Section.is_deleted == false())
        .where(*_of_course(wanted), *_of_section(wanted))
    )
    if after is not None:
        course_id, number = after
        # Written so that the index range begins there, as a row value would not.
        beyond = or_(Section.course_id > course_id, Section.section_no > number)
        query = query.where(and_(Section.course_id >= course_id, beyond))
    return query.order_by(Section.course_id, Section.section_no).limit(limit)


def section_views(session: Session, rows: Sequence[tuple[Section, Course]]) -> list[SectionView]:
    """Put meetings, and seats with who they are reserved for, to these sections: one query each for all of them."""
    ids = [section.id for section, _ in rows]
    if not ids:
        return []
    meetings = defaultdict(list)
    query = select(Meeting).where(Meeting.section_id.in_(ids), Meeting.is_deleted == false())
    for one in session.scalars(query.order_by(Meeting.weekday, Meeting.first_period, Meeting.id)):
        meetings[one.section_id].append(one)
    seats = defaultdict(list)
    for pool, kept in session.execute(_seats_of(ids)):
        seats[pool.offering_id].append((pool, kept))
    return [_view(section, course, meetings[section.id], seats[section.id]) for section, course in rows]


def _seats_of(ids: Sequence[int]) -> Select[SeatPool, SeatReservation | None]:
    """The pools of these sections, each with its reservation; the general one has none."""
    same = and_(
        SeatReservation.kind == SeatPool.kind,
        SeatReservation.offering_id == SeatPool.offering_id,
        SeatReservation.pool == SeatPool.pool,
    )
    query = select(SeatPool, SeatReservation).outerjoin(SeatReservation, same)
    return query.where(SeatPool.kind == KIND, SeatPool.offering_id.in_(ids)).order_by(SeatPool.id)


def _view(
    section: Section,
    course: Course,
    meetings: Sequence[Meeting],
    seats: Sequence[tuple[SeatPool, SeatReservation | None]],
) -> SectionView:
    kept = [one for _, one in seats if one is not None]
    shown = pool_views([pool for pool, _ in seats], kept, {pool.pool: stored_seats(pool) for pool, _ in seats})
    return SectionView(section, course, tuple(meetings), shown, tuple(map(draft_of, kept)))


def about(q: str) -> ColumnElement[bool]:
    """Courses with these words in the name or, in either case, the code."""
    named = Course.name.contains(q, autoescape=True)
    # Codes are ASCII capitals: MariaDB does not compare them with anything else.
    return or_(named, Course.code.contains(q.upper(), autoescape=True)) if q.isascii() else named


def _of_course(wanted: SectionFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.q:
        found.append(about(wanted.q))
    if wanted.college_id is not None:
        found.append(Course.college_id == wanted.college_id)
    if wanted.category:
        found.append(Course.category == wanted.category)
    if wanted.general_type:
        found.append(Course.general_type == wanted.general_type)
    return found


def _of_section(wanted: SectionFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.course_id is not None:
        found.append(Section.course_id == wanted.course_id)
    if wanted.teacher:
        found.append(Section.teacher_names.contains(wanted.teacher, autoescape=True))
    if wanted.language:
        found.append(Section.language == wanted.language)
    if wanted.mooc is not None:
        found.append(Section.is_mooc == wanted.mooc)
    if wanted.weekday is not None or wanted.period is not None:
        found.append(_meets(wanted.weekday, wanted.period))
    if wanted.free:
        found.append(_has_seats())
    if wanted.apart_from:
        found.append(~_clashes_with(wanted.apart_from))
    return found


def _has_seats() -> ColumnElement[bool]:
    """Some pool has a seat left."""
    query = exists().where(SeatPool.kind == KIND, SeatPool.offering_id == Section.id)
    return query.where(SeatPool.taken < SeatPool.capacity)


def _clashes_with(section_ids: tuple[int, ...]) -> ColumnElement[bool]:
    """Some meeting shares a week, the weekday and a period with one of these sections', as `timetable.clashes`."""
    taken = aliased(Meeting)
    return (
        exists()
        .where(Meeting.section_id == Section.id, Meeting.is_deleted == false())
        .where(taken.section_id.in_(section_ids), taken.is_deleted == false())
        .where(Meeting.weekday == taken.weekday, Meeting.week_mask.bitwise_and(taken.week_mask) != 0)
        .where(Meeting.first_period <= taken.last_period, Meeting.last_period >= taken.first_period)
    )


def _meets(weekday: int | None, period: int | None) -> ColumnElement[bool]:
    """Some meeting is on this weekday and takes this period."""
    query = exists().where(Meeting.section_id == Section.id, Meeting.is_deleted == false())
    if weekday is not None:
        query = query.where(Meeting.weekday == weekday)
    if period is not None:
        query = query.where(Meeting.first_period <= period, Meeting.last_period >= period)
    return query


def _in_state(states: tuple[str, ...]) -> ColumnElement[bool]:
    return Section.state == states[0] if len(states) == 1 else Section.state.in_(states)


def section_details(session: Session, rows: Sequence[tuple[Section, Course]]) -> list[SectionDetail]:
    """The same with who is kept out: one query more for all of them."""
    views = section_views(session, rows)
    courses = {course.id for _, course in rows}
    query = select(SectionRestriction).where(
        SectionRestriction.course_id.in_(courses), SectionRestriction.is_deleted == false()
    )
    found = session.scalars(query.order_by(SectionRestriction.id)).all() if courses else ()
    return [SectionDetail(view, tuple(one for one in found if _about(one, view.section))) for view in views]


def _about(one: SectionRestriction, section: Section) -> bool:
    return one.course_id == section.course_id and one.section_id in {None, section.id}


def _restrictions_of(section: Section) -> Select[SectionRestriction]:
    return (
        select(SectionRestriction)
        .where(SectionRestriction.course_id == section.course_id, SectionRestriction.is_deleted == false())
        .where(or_(SectionRestriction.section_id.is_(None), SectionRestriction.section_id == section.id))
        .order_by(SectionRestriction.id)
    )
