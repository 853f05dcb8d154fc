"""The short form of a ticket: eight characters to be typed at the door when scanning does not work.

40 bits of an HMAC over claim and lecture in Crockford's base32 (https://www.crockford.com/base32.html), made from the
ticket and stored nowhere. So a code is looked for among the bookings of the lectures whose check-in is open: a guess hits
one of n with n in 10^12, and an account may be wrong MOST_WRONG times a minute. Two alike in that hall are both refused.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
import uuid
from datetime import datetime

from sqlalchemy import false, select
from sqlalchemy.orm import Session

from app.auth.actor import Actor
from app.extensions.services import Services
from app.lectures.draft import LONGEST
from app.lectures.errors import DoorCodeUnknownError, TooManyDoorCodesError
from app.lectures.models import Lecture, LectureBooking
from app.lectures.rules import CHECK_IN_BEFORE

MOST_WRONG = 20  # a minute and account; several desks may share one
LONGEST_TYPED = 24
_SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE = re.compile(f"[{_SYMBOLS}]{{8}}")
_BETWEEN = re.compile(r"[\s\-\u2010-\u2015\u2212]")
_ALIKE = str.maketrans("OILU", "011V")


class DoorCodes:
    """Makes codes by the system's secret."""

    def __init__(self, secret_key: str) -> None:
        # A key of its own: whoever sees a code learns nothing about the ticket.
        self._key = hmac.digest(secret_key.encode(), b"seatrush lecture door code", "sha256")

    def of(self, claim_id: str, lecture_id: int) -> str:
        """The code of a booking: eight symbols."""
        body = uuid.UUID(claim_id).bytes + lecture_id.to_bytes(8, "big")
        number = int.from_bytes(hmac.digest(self._key, body, "sha256")[:5], "big")
        return "".join(_SYMBOLS[number >> shift & 31] for shift in range(35, -1, -5))


def shown(code: str) -> str:
    """As it is read out and typed: "K7QM-2XZ9"."""
    return f"{code[:4]}-{code[4:]}"


def typed(text: str) -> str | None:
    """The code that somebody typed: any case, full width, spaces, hyphens, O for 0, I or L for 1, U for V; else None."""
    if len(text) > LONGEST_TYPED:
        return None
    code = _BETWEEN.sub("", unicodedata.normalize("NFKC", text)).upper().translate(_ALIKE)
    return code if _CODE.fullmatch(code) else None


def find_booking(services: Services, actor: Actor, code: str) -> tuple[str, int]:
    """(claim id, lecture id) of the one booking with this code in a lecture whose check-in is open.

    Raises DoorCodeUnknownError and TooManyDoorCodesError.
    """
    name = (f"door:{actor.account_id}",)
    (tries,), left_s = services.tries.add(name, 1)
    if tries > MOST_WRONG:
        raise TooManyDoorCodesError(retry_after=left_s)
    codes = DoorCodes(services.settings.secret_key)
    with services.breakers.guard("database"), services.db.transaction() as session:
        bookings = _bookings(session, services.clock.now())
    found = [booking for booking in bookings if codes.of(*booking) == code]
    if len(found) != 1:
        raise DoorCodeUnknownError
    services.tries.add(name, -1)
    return found[0]


def _bookings(session: Session, now: datetime) -> list[tuple[str, int]]:
    """Who may hold a ticket of a lecture whose check-in is open, also who cancelled: that is told apart later."""
    query = (
        select(LectureBooking.claim_id, LectureBooking.lecture_id)
        .join(Lecture, Lecture.id == LectureBooking.lecture_id)
        .where(
            Lecture.state == "published",
            Lecture.is_deleted == false(),
            Lecture.starts_at > now - LONGEST,
            Lecture.starts_at <= now + CHECK_IN_BEFORE,
            Lecture.ends_at > now,
            LectureBooking.state.in_(("confirmed", "cancelled")),
        )
    )
    return [(row.claim_id, row.lecture_id) for row in session.execute(query)]
