"""Reads: the list with its filters, and one lecture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, false, func, not_, or_, select
from sqlalchemy.orm import Session

from app.admission.engine import Engine
from app.admission.models import SeatPool
from app.extensions.services import Services
from app.lectures.draft import LONGEST
from app.lectures.errors import LectureNotFoundError
from app.lectures.models import KIND, Lecture
from app.lectures.views import LectureView, view_of
from app.org.models import Department, Major, SchoolClass
from app.seating.reservation_rows import reservations_of
from app.seating.seats import seats_of

Place = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class LectureFilter:
    """What the list is narrowed to. `states` other than published are for managers."""

    q: str = ""
    phase: str | None = None
    college_id: int | None = None
    starts_from: datetime | None = None
    starts_to: datetime | None = None
    states: tuple[str, ...] = ("published",)
    newest_first: bool = False


def list_lectures(
    services: Services, engine: Engine, wanted: LectureFilter, *, after: Place | None, limit: int
) -> list[LectureView]:
    """Up to `limit` lectures beyond `after` (starts_at, id): the soonest first, the past and managers' newest first.

    Without a phase or a first day the public list leaves out what is over.
    """
    now = services.clock.now()
    with services.breakers.guard("database"), services.db.reading() as session:
        return _views(session, services, engine, list(session.scalars(listing(wanted, after, limit, now))), now)


def public_lecture(services: Services, engine: Engine, lecture_id: int) -> LectureView:
    """One lecture as everybody may see it: published, or cancelled. Raises LectureNotFoundError."""
    with services.breakers.guard("database"), services.db.reading() as session:
        found = _one(session, services, engine, lecture_id)
    if found.lecture.state == "draft":
        raise LectureNotFoundError
    return found


def managed_lecture(services: Services, engine: Engine, lecture_id: int) -> LectureView:
    """One lecture for its managers, as just written: from the primary. Raises LectureNotFoundError."""
    with services.breakers.guard("database"), services.db.transaction() as session:
        return _one(session, services, engine, lecture_id)


def listing(wanted: LectureFilter, after: Place | None, limit: int, now: datetime) -> Select[Lecture]:
    """The list's query; it reads ix_lecture_list in order unless several states are wanted."""
    backwards = wanted.newest_first or wanted.phase == "past"
    states = wanted.states
    query = select(Lecture).where(
        Lecture.state == states[0] if len(states) == 1 else Lecture.state.in_(states),
        Lecture.is_deleted == false(),  # not IS FALSE, which no index can answer
        *_when(wanted, now, all_times=wanted.newest_first),
    )
    if wanted.q:
        fields = (Lecture.title, Lecture.speaker, Lecture.place)
        query = query.where(or_(*(field.contains(wanted.q, autoescape=True) for field in fields)))
    if wanted.college_id is not None:
        query = query.where(_for_college(wanted.college_id))
    if after is not None:
        query = query.where(_beyond(after, backwards=backwards))
    keys = (Lecture.starts_at, Lecture.id)
    return query.order_by(*((key.desc() if backwards else key) for key in keys)).limit(limit)


def _when(wanted: LectureFilter, now: datetime, *, all_times: bool) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.starts_from is not None:
        found.append(Lecture.starts_at >= wanted.starts_from)
    if wanted.starts_to is not None:
        found.append(Lecture.starts_at < wanted.starts_to)
    if wanted.phase is not None:
        found += _phase(wanted.phase, now)
    elif wanted.starts_from is None and not all_times:
        found += not_over(now)
    return found


def not_over(now: datetime) -> list[ColumnElement[bool]]:
    """Lectures that have not ended."""
    # The first condition is for the index: what began before it must have ended (draft.LONGEST).
    return [Lecture.starts_at > now - LONGEST, Lecture.ends_at > now]


def _phase(phase: str, now: datetime) -> list[ColumnElement[bool]]:
    if phase == "past":
        return [Lecture.starts_at < now, Lecture.ends_at <= now]
    if phase == "upcoming":
        return [*not_over(now), Lecture.opens_at > now]
    if phase == "open":
        return [*not_over(now), Lecture.opens_at <= now, Lecture.closes_at > now]
    return [*not_over(now), Lecture.closes_at <= now]


def _beyond(after: Place, *, backwards: bool) -> ColumnElement[bool]:
    """Strictly after `after` in list order, written so that the index range begins there (a row value would not)."""
    starts_at, lecture_id = after
    if backwards:
        return and_(Lecture.starts_at <= starts_at, or_(Lecture.starts_at < starts_at, Lecture.id < lecture_id))
    return and_(Lecture.starts_at >= starts_at, or_(Lecture.starts_at > starts_at, Lecture.id > lecture_id))


def _for_college(college_id: int) -> ColumnElement[bool]:
    """Lectures that somebody of this college may book."""
    mode = func.json_value(Lecture.audience, "$.mode")
    named = func.json_contains(Lecture.audience, f'"{college_id}"', "$.colleges") == 1
    of_college = (
        select(func.coalesce(func.concat("[", func.group_concat(func.concat('"', SchoolClass.id, '"')), "]"), "[]"))
        .select_from(SchoolClass)
        .join(Major, Major.id == SchoolClass.major_id)
        .join(Department, Department.id == Major.department_id)
        .where(Department.college_id == college_id)
        .scalar_subquery()
    )
    by_class = func.json_overlaps(func.json_query(Lecture.audience, "$.classes"), of_college) == 1
    by_grade = func.json_length(Lecture.audience, "$.grades") > 0
    return or_(
        mode == "none",
        and_(mode == "only", or_(named, by_grade, by_class)),
        and_(mode == "except", not_(named)),
        mode.is_(None),
    )


def _one(session: Session, services: Services, engine: Engine, lecture_id: int) -> LectureView:
    lecture = session.scalar(select(Lecture).where(Lecture.id == lecture_id, Lecture.is_deleted.is_(False)))
    if lecture is None:
        raise LectureNotFoundError
    return _views(session, services, engine, [lecture], services.clock.now())[0]


def _views(
    session: Session, services: Services, engine: Engine, lectures: Sequence[Lecture], now: datetime
) -> list[LectureView]:
    ids = [lecture.id for lecture in lectures]
    if not ids:
        return []
    pools = list(session.scalars(select(SeatPool).where(SeatPool.kind == KIND, SeatPool.offering_id.in_(ids))))
    reservations = reservations_of(session, KIND, ids)
    seats = seats_of(engine, services.breakers, KIND, pools)
    return [
        view_of(
            lecture,
            [one for one in pools if one.offering_id == lecture.id],
            reservations.get(lecture.id, ()),
            seats.get(lecture.id, {}),
            now,
        )
        for lecture in lectures
    ]
