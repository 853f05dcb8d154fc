"""Add, change and remove terms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.catalogue.errors import TermNotFoundError, TermTakenError, TermWeeksUsedError
from app.catalogue.meeting_models import Meeting
from app.catalogue.models import Section, Term
from app.catalogue.selection_models import CompletedCourse, SelectionRound, TermCredit
from app.catalogue.term_views import TermView, term_views
from app.errors import InUseError, InvalidInputError
from app.extensions.services import Services
from app.extensions.versions import change, check_version, locked
from app.extensions.writing import Taken, write

_USES: tuple[tuple[str, type[Any]], ...] = (
    ("sections", Section),
    ("rounds", SelectionRound),
    ("credit_accounts", TermCredit),
    ("completed_courses", CompletedCourse),
)


def create_term(services: Services, actor: Actor, values: Mapping[str, Any]) -> TermView:
    """From code, name, starts_on, weeks, teaching_free_days. Raises InvalidInputError, TermTakenError."""
    actor.require(Permission.COURSES_MANAGE)
    _check(values["starts_on"])
    term_id = services.ids.next_id()

    def work(session: Session) -> None:
        session.add(Term(id=term_id, version=1, **_stored(values)))
        session.flush()

    write(services, work, _taken(values))
    return one_term(services, actor, term_id)


def edit_term(
    services: Services, actor: Actor, term_id: int, changes: Mapping[str, Any], *, version: int | None
) -> TermView:
    """Raises like `create_term`, TermNotFoundError, ConflictError, and TermWeeksUsedError when a class meets in a week
    that would be cut off. Sections of a term that comes to be current are loaded when they are first claimed.
    """
    actor.require(Permission.COURSES_MANAGE)
    _check(changes.get("starts_on"))

    def work(session: Session) -> None:
        term = locked(session, Term, term_id, TermNotFoundError)
        check_version(term, version)
        if "weeks" in changes:
            _check_weeks(session, term, changes["weeks"])
        change(term, _stored(changes))
        session.flush()

    write(services, work, _taken(changes))
    return one_term(services, actor, term_id)


def delete_term(services: Services, actor: Actor, term_id: int) -> None:
    """Remove a term in which nothing has ever been: for good, as there is no history. Raises TermNotFoundError,
    InUseError.
    """
    actor.require(Permission.COURSES_MANAGE)

    def work(session: Session) -> None:
        term = locked(session, Term, term_id, TermNotFoundError)
        counts = {name: _count(session, model, term_id) for name, model in _USES}
        if any(counts.values()):
            raise InUseError(uses={name: count for name, count in counts.items() if count})
        session.delete(term)

    write(services, work)


def one_term(services: Services, actor: Actor, term_id: int) -> TermView:
    """One term as just written. Raises TermNotFoundError."""
    actor.require(Permission.COURSES_MANAGE)
    with services.breakers.guard("database"), services.db.transaction() as session:
        found = next((one for one in term_views(services, session) if one.term.id == term_id), None)
    if found is None:
        raise TermNotFoundError
    return found


def _taken(values: Mapping[str, Any]) -> Taken:
    return {"uq_term_code": lambda: TermTakenError(term_code=values["code"])}


def _check(starts_on: date | None) -> None:
    if starts_on is not None and starts_on.isoweekday() != 1:
        raise InvalidInputError(errors={"starts_on": ["A term begins on a Monday."]})


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    days = values.get("teaching_free_days")
    return {**values, **({} if days is None else {"teaching_free_days": sorted({one.isoformat() for one in days})})}


def _check_weeks(session: Session, term: Term, weeks: int) -> None:
    query = select(func.count(Meeting.id.distinct())).join(Section, Section.id == Meeting.section_id)
    query = query.where(Section.term_id == term.id, Section.is_deleted.is_(False), Meeting.is_deleted.is_(False))
    beyond = session.scalar(query.where(Meeting.week_mask >= 1 << weeks)) or 0
    if beyond:
        raise TermWeeksUsedError(meetings=beyond)


def _count(session: Session, model: type[Any], term_id: int) -> int:
    return session.scalar(select(func.count()).select_from(model).where(model.term_id == term_id)) or 0
