"""Place a hold on a student's account in a term, and lift it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import false, select
from sqlalchemy.orm import Session

from app.admission.engine import Engine
from app.admission.outbox import Effects, append
from app.admission.telling import Told, tell
from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.catalogue.models import KIND
from app.catalogue.selecting import term_to_choose_in
from app.enrolment.permits.errors import HoldNotFoundError
from app.enrolment.permits.models import AccountHold
from app.enrolment.permits.people import Person, people_of, student_named
from app.extensions.services import Services


@dataclass(frozen=True, slots=True)
class HoldView:
    """A hold and whom it stops (None: no student any more)."""

    hold: AccountHold
    person: Person | None


def list_holds(
    services: Services, actor: Actor, term_id: int | None, username: str | None, *, after: int, limit: int
) -> list[HoldView]:
    """Up to `limit` holds of a term (that of selection by default) with ids beyond `after`, of one student or of all.

    Raises TermNotFoundError, StudentUnknownError.
    """
    actor.require(Permission.ROUNDS_MANAGE)
    with services.breakers.guard("database"), services.db.transaction() as session:
        term = term_to_choose_in(session, services, term_id)
        query = select(AccountHold).where(AccountHold.term_id == (term.id if term else 0))
        query = query.where(AccountHold.is_deleted == false(), AccountHold.id > after)
        if username:
            query = query.where(AccountHold.student_id == student_named(session, username).id)
        return _views(session, session.scalars(query.order_by(AccountHold.id).limit(limit)).all())


def place_hold(
    services: Services, engine: Engine, actor: Actor, *, username: str, term_id: int | None, reason: str
) -> HoldView:
    """From now on this student may choose nothing in that term (that of selection by default).

    Raises TermNotFoundError, StudentUnknownError.
    """
    actor.require(Permission.ROUNDS_MANAGE)

    def write(session: Session) -> tuple[HoldView, Told]:
        term = term_to_choose_in(session, services, term_id)
        person = student_named(session, username)
        made = AccountHold(
            id=services.ids.next_id(),
            student_id=person.id,
            term_id=term.id if term else 0,
            reason=reason,
            created_by=actor.account_id,
        )
        session.add(made)
        session.flush()
        session.refresh(made)
        return HoldView(made, person), _renew(session, services, person.id)

    view, told = services.db.retrying(write)
    tell(services, engine, told)
    return view


def lift_hold(services: Services, engine: Engine, actor: Actor, hold_id: int) -> None:
    """Raises HoldNotFoundError."""
    actor.require(Permission.ROUNDS_MANAGE)

    def write(session: Session) -> Told:
        hold = session.get(AccountHold, hold_id, with_for_update=True)
        if hold is None or hold.is_deleted:
            raise HoldNotFoundError
        hold.is_deleted = True
        return _renew(session, services, hold.student_id)

    tell(services, engine, services.db.retrying(write))


def _renew(session: Session, services: Services, student_id: int) -> Told:
    """Redis hears of it with the commit, or by the relay."""
    effects = Effects(accounts=[(KIND, student_id)])
    return [(append(session, services.ids, effects), effects)]


def _views(session: Session, holds: Sequence[AccountHold]) -> list[HoldView]:
    people = people_of(session, {one.student_id for one in holds})
    return [HoldView(one, people.get(one.student_id)) for one in holds]
