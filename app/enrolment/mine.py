"""What a student has in a term: every section held or asked for, and the credits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.admission.claims import Standing
from app.admission.engine import Engine
from app.auth.actor import Actor
from app.catalogue.models import Course, Section
from app.catalogue.sections import SectionView, section_views
from app.catalogue.terms import TermView, all_terms, campus_day, chosen_term, current_term, week_of
from app.enrolment.rules import SectionSheet
from app.enrolment.standpoint import Standpoint, standpoint
from app.extensions.services import Services


@dataclass(frozen=True, slots=True)
class Credits:
    """In tenths: the limit of the term, what the seats take of it, and what those in a line would."""

    limit: int
    used: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A section with the claim that holds it or asks for it."""

    view: SectionView
    claim: Standing
    can_drop: bool
    drop_until: int


@dataclass(frozen=True, slots=True)
class Overview:
    """`term` None: the campus has no terms."""

    term: TermView | None
    credits: Credits
    items: Sequence[Enrolled]


def enrolments_of(services: Services, engine: Engine, actor: Actor, term_id: int | None) -> Overview:
    """The student's, in this term or (None) the current one, by course and number. Raises TermNotFoundError."""
    today = campus_day(services)
    with services.breakers.guard("database"), services.db.reading() as session:
        term = chosen_term(session, term_id, today)
        current = current_term(all_terms(session), today)
    if term is None:
        return Overview(None, Credits(0, 0, 0), ())
    point = standpoint(services, engine, actor, {}, [term.id])
    views = views_of(services, list(point.claims))
    items = [_enrolled(view, point) for view in views if view.section.id in point.sheets]
    return Overview(TermView(term, term is current, week_of(term, today)), credits_of(point, term.id), items)


def credits_of(point: Standpoint, term: int) -> Credits:
    """Of what the student holds in a term, by what the courses were worth when they were chosen."""
    own = point.terms[term]
    weights = {"seat": 0, "line": 0}
    for held in own.holds.values():
        weights[held.hold] += held.weight
    return Credits(own.limit, weights["seat"], weights["line"])


def views_of(services: Services, section_ids: Sequence[int]) -> list[SectionView]:
    """These sections whatever has become of them, by course and number."""
    query = (
        select(Section, Course)
        .join(Course, Course.id == Section.course_id)
        .where(Section.id.in_(section_ids))
        .order_by(Section.course_id, Section.section_no)
    )
    with services.breakers.guard("database"), services.db.reading() as session:
        return section_views(session, [(row[0], row[1]) for row in session.execute(query)]) if section_ids else []


def _enrolled(view: SectionView, point: Standpoint) -> Enrolled:
    sheet: SectionSheet = point.sheets[view.section.id]
    claim = point.claims[view.section.id]
    return Enrolled(view, claim, point.can_drop(sheet), sheet.opening_at(point.now).cancel_until)
