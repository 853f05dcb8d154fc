"""Terms, and which of them is taught now. Which is chosen for is another question: selecting.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.errors import TermNotFoundError
from app.catalogue.models import Term
from app.extensions.clock import CampusClock
from app.extensions.services import Services

# No term that began earlier is still going on.
LONGEST_TERM = timedelta(weeks=31)


def all_terms(session: Session) -> Sequence[Term]:
    """Every term, the oldest first: two a year, so there are never many."""
    return session.scalars(select(Term).order_by(Term.code)).all()


def current_terms(session: Session) -> list[int]:
    """The ids of terms whose last week is not over yet."""
    today = CampusClock().now().date()
    begun = session.scalars(select(Term).where(Term.starts_on > today - LONGEST_TERM))
    return [term.id for term in begun if end_of(term) >= today]


def current_term(terms: Sequence[Term], today: date) -> Term | None:
    """The first of `terms` (oldest first) that is not over; when all are, the last. None when there are none."""
    to_come = [one for one in terms if today < end_of(one)]
    return to_come[0] if to_come else (terms[-1] if terms else None)


def chosen_term(session: Session, term_id: int | None, today: date) -> Term | None:
    """The term with this id, or the current one (None when there are no terms). Raises TermNotFoundError."""
    if term_id is None:
        return current_term(all_terms(session), today)
    found = session.get(Term, term_id)
    if found is None:
        raise TermNotFoundError
    return found


def end_of(term: Term) -> date:
    """The first day after the term."""
    return term.starts_on + timedelta(weeks=term.weeks)


def week_of(term: Term, day: date) -> int | None:
    """The teaching week (1 …) that a day falls into, None outside the term."""
    return (day - term.starts_on).days // 7 + 1 if term.starts_on <= day < end_of(term) else None


def campus_day(services: Services) -> date:
    """Today, on the campus."""
    return services.clock.now().astimezone(services.settings.campus_timezone).date()
