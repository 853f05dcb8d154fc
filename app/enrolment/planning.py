"""The plan before the opening: what a student means to ask for, in the order of preference. Kept here, sent as a cart.

Everybody's own, one per term. It is checked anew at every look (plan_check.py): rules, rooms and credits move meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.auth.actor import Actor
from app.catalogue.errors import TermNotFoundError
from app.catalogue.models import Section
from app.catalogue.selecting import term_to_choose_in
from app.enrolment.models import SelectionPlan, SelectionPlanItem
from app.errors import ConflictError, InvalidInputError
from app.extensions.records import record
from app.extensions.services import Services

MOST = 20


@record
class Plan:
    """`version` 0: never written."""

    term_id: int
    version: int
    sections: Sequence[int]


def plan_of(services: Services, actor: Actor, term_id: int | None) -> Plan:
    """The student's plan for this term or (None) that of selection. Raises TermNotFoundError."""
    with services.breakers.guard("database"), services.db.transaction() as session:
        term = _term(session, services, term_id)
        return _stored(session, actor.account_id, term)


def change_plan(services: Services, actor: Actor, term_id: int | None, sections: Sequence[int], version: int) -> Plan:
    """Put these sections in the place of what was planned. `version`: the one the student has seen, 0 for none. The same
    once more, as Nginx may send it, changes nothing.

    Raises TermNotFoundError, InvalidInputError for what is no section of the term, ConflictError (data: the present
    `version`) when another page has changed the plan meanwhile.
    """
    try:
        return _change(services, actor, term_id, sections, version)
    except ConflictError:
        present = plan_of(services, actor, term_id)
        if (present.version, present.sections) != (version + 1, tuple(sections)):
            raise
        return present


def _change(services: Services, actor: Actor, term_id: int | None, sections: Sequence[int], version: int) -> Plan:
    with services.breakers.guard("database"):
        try:
            with services.db.transaction() as session:
                term = _term(session, services, term_id)
                _check(session, term, sections)
                _write(session, services, actor.account_id, term, sections, version)
        except IntegrityError as error:  # two pages wrote the first plan in this very moment
            raise ConflictError(version=1) from error
    return Plan(term, version + 1, tuple(sections))


def _term(session: Session, services: Services, term_id: int | None) -> int:
    term = term_to_choose_in(session, services, term_id)
    if term is None:
        raise TermNotFoundError
    return term.id


def _stored(session: Session, student: int, term: int) -> Plan:
    row = session.scalar(
        select(SelectionPlan).where(SelectionPlan.student_id == student, SelectionPlan.term_id == term)
    )
    if row is None:
        return Plan(term, 0, ())
    items = select(SelectionPlanItem.section_id).where(SelectionPlanItem.plan_id == row.id)
    return Plan(term, row.version, tuple(session.scalars(items.order_by(SelectionPlanItem.position))))


def _check(session: Session, term: int, sections: Sequence[int]) -> None:
    query = select(Section.id).where(Section.id.in_(sections), Section.term_id == term, Section.state != "draft")
    unknown = set(sections) - set(session.scalars(query)) if sections else set()
    if unknown:
        raise InvalidInputError(errors={"sections": [f"No section of this term: {one}." for one in sorted(unknown)]})


def _write(
    session: Session, services: Services, student: int, term: int, sections: Sequence[int], version: int
) -> None:
    plan_id = _raise_version(session, services, student, term, version)
    session.execute(delete(SelectionPlanItem).where(SelectionPlanItem.plan_id == plan_id))
    rows = [
        {"id": services.ids.next_id(), "plan_id": plan_id, "section_id": one, "position": at}
        for at, one in enumerate(sections)
    ]
    if rows:
        session.execute(insert(SelectionPlanItem), rows)


def _raise_version(session: Session, services: Services, student: int, term: int, version: int) -> int:
    """The plan's id, its row locked and one version further. Raises ConflictError."""
    row = session.scalar(
        select(SelectionPlan)
        .where(SelectionPlan.student_id == student, SelectionPlan.term_id == term)
        .with_for_update()
    )
    present = 0 if row is None else row.version
    if version != present:
        raise ConflictError(version=present)
    if row is not None:
        session.execute(update(SelectionPlan).where(SelectionPlan.id == row.id).values(version=present + 1))
        return row.id
    made = services.ids.next_id()
    session.add(SelectionPlan(id=made, student_id=student, term_id=term, version=1))
    session.flush()
    return made
