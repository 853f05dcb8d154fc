"""Find and lock rounds. Lock order: the term, then its round: two rounds of a term are never written at once, so that
neither may come to overlap the other unseen."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.errors import RoundNotFoundError, TermNotFoundError
from app.catalogue.models import Term
from app.catalogue.selection_models import SelectionRound
from app.enrolment.rounds.errors import RoundOverlapError
from app.errors import ConflictError


def find_round(session: Session, round_id: int) -> SelectionRound:
    """Raises RoundNotFoundError."""
    found = session.get(SelectionRound, round_id)
    if found is None or found.is_deleted:
        raise RoundNotFoundError
    return found


def lock_term(session: Session, term_id: int) -> None:
    """Raises TermNotFoundError."""
    if session.scalar(select(Term.id).where(Term.id == term_id).with_for_update()) is None:
        raise TermNotFoundError


def lock_round(session: Session, round_id: int, version: int | None = None) -> SelectionRound:
    """The round as it is now, locked. With `version`, only that one: else ConflictError (data: the present `version`).

    Raises RoundNotFoundError.
    """
    lock_term(session, find_round(session, round_id).term_id)
    query = select(SelectionRound).where(SelectionRound.id == round_id, SelectionRound.is_deleted.is_(False))
    found = session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if found is None:
        raise RoundNotFoundError
    if version is not None and version != found.version:
        raise ConflictError(version=found.version)
    return found


def check_overlap(session: Session, one: SelectionRound) -> None:
    """Raise RoundOverlapError when another published round of the term is open at any moment of this one."""
    query = select(SelectionRound.id, SelectionRound.round_no).where(
        SelectionRound.term_id == one.term_id,
        SelectionRound.id != one.id,
        SelectionRound.state == "published",
        SelectionRound.is_deleted.is_(False),
        SelectionRound.opens_at < one.closes_at,
        SelectionRound.closes_at > one.opens_at,
    )
    other = session.execute(query.limit(1)).first()
    if other is not None:
        raise RoundOverlapError(round_id=str(other[0]), round_no=other[1])
