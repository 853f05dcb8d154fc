"""Time tickets (分时段选课) of a round: groups and persons who may begin later than others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.enrolment.permits.errors import TicketNotFoundError
from app.enrolment.permits.models import TimeTicket
from app.enrolment.permits.people import Person, people_of, students_named
from app.enrolment.permits.telling import tell_of_round
from app.enrolment.rounds.locking import find_round, lock_round
from app.enrolment.rounds.timeline import note
from app.errors import InvalidInputError
from app.extensions.services import Services
from app.org.audience import Audience
from app.org.audiences import unknown_groups


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket and the persons it names."""

    ticket: TimeTicket
    audience: Audience
    people: Mapping[int, Person]


def list_tickets(services: Services, actor: Actor, round_id: int, *, after: int, limit: int) -> list[TicketView]:
    """Up to `limit` tickets of a round with ids beyond `after`. Raises RoundNotFoundError."""
    actor.require(Permission.ROUNDS_MANAGE)
    query = select(TimeTicket).where(TimeTicket.round_id == round_id, TimeTicket.is_deleted.is_(False))
    query = query.where(TimeTicket.id > after).order_by(TimeTicket.id).limit(limit)
    with services.breakers.guard("database"), services.db.transaction() as session:
        find_round(session, round_id)
        return _views(session, session.scalars(query).all())


def add_ticket(
    services: Services,
    actor: Actor,
    round_id: int,
    *,
    audience: Audience,
    students: Collection[str],
    not_before: datetime,
) -> TicketView:
    """Workers are told, settle knows at once. `students`: usernames or student numbers.

    Raises RoundNotFoundError and InvalidInputError, also for a time outside the round.
    """
    actor.require(Permission.ROUNDS_MANAGE)

    def write(session: Session) -> TicketView:
        one = lock_round(session, round_id)
        if not one.opens_at <= not_before < one.closes_at:
            raise InvalidInputError(errors={"not_before": ["It must lie within the round."]})
        unknown = unknown_groups(session, [audience])
        if unknown:
            raise InvalidInputError(errors={"audience": unknown})
        named = students_named(session, students)
        if audience.empty and not named:
            raise InvalidInputError(errors={"students": ["A ticket is for somebody: name a group or a student."]})
        made = TimeTicket(
            id=services.ids.next_id(),
            round_id=round_id,
            audience=audience.to_json(),
            students=named,
            not_before=not_before,
            created_by=actor.account_id,
        )
        session.add(made)
        detail = {"ticket_id": str(made.id), "not_before": not_before, "students": len(named), **audience.to_json()}
        note(session, services, actor, round_id, "ticket_added", detail=detail)
        session.flush()
        return _views(session, [made])[0]

    added = services.db.retrying(write)
    tell_of_round(services, round_id)
    return added


def remove_ticket(services: Services, actor: Actor, ticket_id: int) -> None:
    """Raises TicketNotFoundError."""
    actor.require(Permission.ROUNDS_MANAGE)

    def write(session: Session) -> int:
        ticket = session.get(TimeTicket, ticket_id, with_for_update=True)
        if ticket is None or ticket.is_deleted:
            raise TicketNotFoundError
        ticket.is_deleted = True
        note(session, services, actor, ticket.round_id, "ticket_removed", detail={"ticket_id": str(ticket_id)})
        return ticket.round_id

    tell_of_round(services, services.db.retrying(write))


def _views(session: Session, tickets: Sequence[TimeTicket]) -> list[TicketView]:
    people = people_of(session, {student for one in tickets for student in one.students})
    return [TicketView(one, Audience.of(one.audience), people) for one in tickets]
