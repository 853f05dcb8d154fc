"""Reads of courses: the list with its filters, and one course with what it needs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, false, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.catalogue.errors import CourseNotFoundError
from app.catalogue.models import Course, CoursePrerequisite
from app.catalogue.sections import SectionFilter, SectionView, about, sections_in
from app.catalogue.selecting import term_to_choose_in
from app.extensions.services import Services
from app.org.models import College


@dataclass(frozen=True, slots=True)
class CourseFilter:
    """What the list is narrowed to; `q` is looked for in the name and the code."""

    q: str = ""
    college_id: int | None = None
    category: str = ""
    general_type: str = ""
    credits: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CourseView:
    """A course and the name of the college that teaches it."""

    course: Course
    college: str


@dataclass(frozen=True, slots=True)
class CourseDetail:
    """A course, what must be passed before it, and its published sections of a term."""

    view: CourseView
    prerequisites: tuple[CourseView, ...]
    sections: tuple[SectionView, ...]


@dataclass(frozen=True, slots=True)
class CourseFacets:
    """What courses may be narrowed to by name: every 课程类别 and every 通识课类型 that there is."""

    categories: tuple[str, ...]
    general_types: tuple[str, ...]


def list_courses(services: Services, wanted: CourseFilter, *, after: str | None, limit: int) -> list[CourseView]:
    """Up to `limit` courses with codes beyond `after`, by code."""
    with services.breakers.guard("database"), services.db.reading() as session:
        return course_views(session, session.scalars(course_listing(wanted, after, limit)).all())


def course_listing(wanted: CourseFilter, after: str | None, limit: int) -> Select[Course]:
    """The list's query; it reads an index that ends in the code, in order."""
    query = select(Course).where(Course.is_deleted == false(), *_narrowed(wanted))
    if after is not None:
        query = query.where(Course.code > after)
    return query.order_by(Course.code).limit(limit)


def public_course(services: Services, course_id: int, term_id: int | None) -> CourseDetail:
    """One course with its sections of a term (that of selection by default). Raises CourseNotFoundError,
    TermNotFoundError.
    """
    with services.breakers.guard("database"), services.db.reading() as session:
        course = session.get(Course, course_id)
        if course is None or course.is_deleted:
            raise CourseNotFoundError
        before = _prerequisites(session, course_id)
        view, *prerequisites = course_views(session, [course, *before])
        term = term_to_choose_in(session, services, term_id)
        wanted = SectionFilter(course_id=course_id)
        sections = sections_in(session, term.id, wanted, after=None, limit=None) if term else []
        return CourseDetail(view, tuple(prerequisites), tuple(sections))


def course_facets(services: Services) -> CourseFacets:
    """The categories and general types of all courses, by name."""
    with services.breakers.guard("database"), services.db.reading() as session:

        def values(column: InstrumentedAttribute[str]) -> tuple[str, ...]:
            query = select(column).distinct().where(Course.is_deleted == false(), column != "")
            return tuple(session.scalars(query.order_by(column)))

        return CourseFacets(values(Course.category), values(Course.general_type))


def list_managed_courses(
    services: Services, wanted: CourseFilter, *, after: str | None, limit: int
) -> list[CourseDetail]:
    """The same list with what must be passed before each."""
    with services.breakers.guard("database"), services.db.reading() as session:
        courses = session.scalars(course_listing(wanted, after, limit)).all()
        needs = _needs_of(session, [one.id for one in courses])
        return [
            CourseDetail(view, tuple(course_views(session, needs.get(view.course.id, []))), ())
            for view in course_views(session, courses)
        ]


def course_in(session: Session, course_id: int) -> CourseDetail:
    """One course with what must be passed before it, for those who manage it. Raises CourseNotFoundError."""
    course = session.get(Course, course_id, populate_existing=True)
    if course is None or course.is_deleted:
        raise CourseNotFoundError
    view, *prerequisites = course_views(session, [course, *_prerequisites(session, course_id)])
    return CourseDetail(view, tuple(prerequisites), ())


def course_views(session: Session, courses: Collection[Course]) -> list[CourseView]:
    """The same courses with their colleges' names."""
    wanted = {one.college_id for one in courses}
    rows = session.execute(select(College.id, College.name).where(College.id.in_(wanted)))
    names = {row[0]: row[1] for row in rows}
    return [CourseView(one, names.get(one.college_id, "")) for one in courses]


def _prerequisites(session: Session, course_id: int) -> Sequence[Course]:
    query = (
        select(Course)
        .join(CoursePrerequisite, CoursePrerequisite.prerequisite_id == Course.id)
        .where(CoursePrerequisite.course_id == course_id, CoursePrerequisite.is_deleted == false())
        .where(Course.is_deleted == false())
    )
    return session.scalars(query.order_by(Course.code)).all()


def _needs_of(session: Session, course_ids: Collection[int]) -> dict[int, list[Course]]:
    query = (
        select(CoursePrerequisite.course_id, Course)
        .join(Course, Course.id == CoursePrerequisite.prerequisite_id)
        .where(CoursePrerequisite.course_id.in_(course_ids), CoursePrerequisite.is_deleted == false())
        .where(Course.is_deleted == false())
        .order_by(Course.code)
    )
    found: dict[int, list[Course]] = {}
    for course_id, needed in session.execute(query) if course_ids else ():
        found.setdefault(course_id, []).append(needed)
    return found


def _narrowed(wanted: CourseFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.q:
        found.append(about(wanted.q))
    if wanted.college_id is not None:
        found.append(Course.college_id == wanted.college_id)
    if wanted.category:
        found.append(Course.category == wanted.category)
    if wanted.general_type:
        found.append(Course.general_type == wanted.general_type)
    if wanted.credits is not None:
        found.append(Course.credits == wanted.credits)
    return found
