"""What one student of a crowd does from coming to leaving: books or sends a cart, clicks again, drops, swaps, comes back."""

from __future__ import annotations

from collections.abc import Sequence

from app.catalogue.models import KIND as SECTION
from ops.drills.crowd import Crowd
from ops.drills.wishes import Student, Wish

LIVE = frozenset({"confirmed", "waitlisted"})
CART = 4  # sections


def visit(crowd: Crowd, student: Student, lecture: int, *, again: float = 0.1, cancels: float = 0.25) -> None:
    """Book; some cancel what they got, and some of those come back."""
    won = crowd.pursue(crowd.wish(student, lecture), again=again)
    if won not in LIVE or crowd.random.random() >= cancels:
        return
    give_up(crowd, crowd.wish(student, lecture, "cancel"), str(won), again=again)
    if crowd.random.random() < 0.5:
        crowd.pursue(crowd.wish(student, lecture), again=again)


def visit_with_cart(
    crowd: Crowd, student: Student, sections: Sequence[int], *, again: float = 0.1, changes: float = 0.5
) -> None:
    """Ask for some sections at once; some swap one of those they got for another, some drop one and send another cart."""
    wishes = crowd.cart(student, crowd.random.sample(sections, min(CART, len(sections))))
    crowd.pursue_cart(wishes, again=again)
    won = [wish for wish in wishes if wish.state in LIVE]
    if not won or crowd.random.random() >= changes:
        return
    old = crowd.random.choice(won)
    if crowd.random.random() < 0.5:
        new = crowd.random.choice([one for one in sections if one != old.lecture_id])
        swap = crowd.wish(student, new, "swap", kind=SECTION, drops=old.lecture_id)
        give_up(crowd, swap, str(old.state), again=again)
        return
    give_up(crowd, crowd.wish(student, old.lecture_id, "cancel", kind=SECTION), str(old.state), again=again)
    if crowd.random.random() < 0.5:
        crowd.pursue_cart(crowd.cart(student, crowd.random.sample(sections, 2)), again=again)


def give_up(crowd: Crowd, wish: Wish, told: str, *, again: float) -> None:
    """Cancel or swap what one was told to have: whoever has a seat is never answered that there is nothing to give up.

    (A place in a line of sections may have expired since, when a rule came to stand against it.)
    """
    crowd.pursue(wish, again=again)
    safe = told == "confirmed" or wish.kind != SECTION
    if safe and any(answer.refused == "nothing_to_cancel" for answer in wish.answers):
        crowd.complaints.append(
            f"student {wish.student.id} was told {told}, then that there is nothing to {wish.action}"
        )
