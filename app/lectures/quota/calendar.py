"""In which term a lecture counts: the one in whose weeks it begins, while there is a rule at all."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, false, not_, or_, select
from sqlalchemy.orm import Session

from app.catalogue.models import Term
from app.catalogue.terms import all_terms, current_terms, end_of
from app.extensions.clock import CampusClock
from app.extensions.records import record
from app.lectures.models import Lecture
from app.lectures.quota.rules import stored_rules


@record
class Calendar:
    """Terms that are not over while some rule is on, else none; `over`: the ids of those whose lectures are left alone."""

    terms: tuple[Term, ...]
    over: Collection[int]
    zone: ZoneInfo

    def term_at(self, moment: datetime) -> int | None:
        """The term (of several the first) whose weeks have this day of the campus."""
        day = moment.astimezone(self.zone).date()
        return next((one.id for one in self.terms if one.starts_on <= day < end_of(one)), None)


def calendar_of(session: Session, zone: ZoneInfo) -> Calendar:
    """As this transaction sees it."""
    terms, current = all_terms(session), set(current_terms(session))
    over = [one.id for one in terms if one.id not in current]
    counting = [one for one in terms if one.id in current] if stored_rules(session).any else []
    return Calendar(tuple(counting), over, zone)


def misplaced(session: Session, calendar: Calendar) -> list[int]:
    """Lectures that do not count where they should: a rule was turned on or off, or a term was moved."""
    query = select(Lecture.id, Lecture.starts_at, Lecture.scope_term)
    query = query.where(or_(_counted_wrongly_perhaps(calendar), _may_count(calendar)))
    return [one.id for one in session.execute(query) if calendar.term_at(one.starts_at) != one.scope_term]


def _counted_wrongly_perhaps(calendar: Calendar) -> ColumnElement[bool]:
    """Not those that took place in a term that is over: what was missed there stays."""
    ahead = or_(not_(Lecture.scope_term.in_(calendar.over)), Lecture.ends_at > CampusClock().now())
    return and_(Lecture.scope_term.is_not(None), ahead)


def _may_count(calendar: Calendar) -> ColumnElement[bool]:
    if not calendar.terms:
        return false()
    first = min(one.starts_on for one in calendar.terms)
    begins = datetime.combine(first, time.min, calendar.zone).astimezone(UTC)
    return and_(Lecture.state == "published", Lecture.is_deleted == false(), Lecture.starts_at >= begins)
