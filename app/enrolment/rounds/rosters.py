"""In which terms students will choose, so that their accounts can be handed to Redis ahead of it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.catalogue.selection_models import SelectionRound


def rosters_of(session: Session, terms: Collection[int]) -> dict[int, str]:
    """Term → its published rounds, of these terms that have one which is not over.

    One that is published later changes it; freezing, extending or the end of one does not, as nobody's account does.
    """
    query = select(SelectionRound.term_id, SelectionRound.id, SelectionRound.closes_at > func.now(6)).where(
        SelectionRound.term_id.in_(terms),
        SelectionRound.state == "published",
        SelectionRound.is_deleted.is_(False),
    )
    rounds = [(row[0], row[1], row[2]) for row in session.execute(query.order_by(SelectionRound.id))] if terms else []
    coming = {term for term, _, ahead in rounds if ahead}
    return {term: ",".join(str(one) for other, one, _ in rounds if other == term) for term in coming}
