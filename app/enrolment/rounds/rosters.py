"""In which terms students choose, have chosen or will, so that their accounts can be handed to Redis ahead of it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.selection_models import SelectionRound


def rosters_of(session: Session, terms: Collection[int]) -> dict[int, str]:
    """Term → its published rounds, of these terms that have one.

    One that is published later changes it; freezing, extending or the end of one does not, as nobody's account does. When all
    are over their pages are still read: without the accounts each would ask MariaDB.
    """
    query = select(SelectionRound.term_id, SelectionRound.id).where(
        SelectionRound.term_id.in_(terms),
        SelectionRound.state == "published",
        SelectionRound.is_deleted.is_(False),
    )
    found: dict[int, list[str]] = {}
    for term, one in session.execute(query.order_by(SelectionRound.id)) if terms else ():
        found.setdefault(term, []).append(str(one))
    return {term: ",".join(rounds) for term, rounds in found.items()}
