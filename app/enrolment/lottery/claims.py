"""What was drawn becomes an enrolment as everything else does: by a claim that settle decides.

Its id follows from round, student and section, so that a draw that crashed midway and goes on settles nothing twice.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admission.claims import GENERAL, Claim, claim_id
from app.catalogue.models import KIND
from app.enrolment.lottery.models import WishRow

_MARK = "draw:"

Drawn = tuple[int, int, int]  # (round, student, section)


def drawn_claim(wish: WishRow, admitted_at: int, sequence: int) -> Claim:
    """A seat or nothing: who was not drawn does not wait."""
    return Claim(
        id=claim_id(wish.student_id, "book", KIND, wish.section_id, f"{_MARK}{wish.round_id}"),
        kind=KIND,
        action="book",
        user_id=wish.student_id,
        offering_id=wish.section_id,
        pools=(GENERAL,) if wish.pool == GENERAL else (wish.pool, GENERAL),
        hold="any",
        line_ok=False,
        admitted_at=admitted_at,
        sequence=sequence,
        cart=f"{_MARK}{wish.round_id}",
    )


def round_of(claim: Claim) -> int:
    """The round in which it says it was drawn, 0 of any other claim (a cart of the gate is a UUID)."""
    mark, number = claim.cart[: len(_MARK)], claim.cart[len(_MARK) :]
    return int(number) if mark == _MARK and number.isdigit() else 0


def drawn_among(session: Session, claims: Sequence[Claim]) -> set[Drawn]:
    """Those of these claims that really were drawn, by the wishes: a message is not believed."""
    asked = [(round_of(claim), claim.user_id, claim.offering_id) for claim in claims if round_of(claim)]
    if not asked:
        return set()
    query = select(WishRow.round_id, WishRow.student_id, WishRow.section_id).where(
        WishRow.round_id.in_({one[0] for one in asked}),
        WishRow.student_id.in_({one[1] for one in asked}),
        WishRow.state == "drawn",
    )
    return {(row[0], row[1], row[2]) for row in session.execute(query)} & set(asked)
