"""Tickets: a short signed text that says which booking of which lecture, and its QR code.

40 bytes (claim id, lecture id, half of an HMAC-SHA256, which RFC 2104 allows), so that the code stays coarse enough for
a cracked screen.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import io
import uuid
from dataclasses import dataclass
from datetime import datetime

import segno
from sqlalchemy import select

from app.auth.actor import Actor
from app.extensions.services import Services
from app.lectures.door_code import DoorCodes, shown
from app.lectures.errors import TicketInvalidError, TicketNotConfirmedError, TicketNotFoundError
from app.lectures.models import Lecture, LectureBooking

_TAG = 16
_SIZE = 16 + 8 + _TAG
_LENGTH = 54  # of 40 bytes in base64url without padding


@dataclass(frozen=True, slots=True)
class Ticket:
    """A student's ticket, as shown; `door_code` is its short form."""

    ticket: str
    door_code: str
    claim_id: str
    lecture: Lecture
    checked_in_at: datetime | None


class TicketMill:
    """`sign` and `read` tickets by the system's secret."""

    def __init__(self, secret_key: str) -> None:
        # A key of its own, so that nothing else signed with the secret can be passed off as a ticket.
        self._key = hmac.digest(secret_key.encode(), b"seatrush lecture ticket", "sha256")

    def sign(self, claim_id: str, lecture_id: int) -> str:
        """The ticket's text."""
        body = uuid.UUID(claim_id).bytes + lecture_id.to_bytes(8, "big")
        return _encoded(body + self._tag(body))

    def read(self, ticket: str) -> tuple[str, int]:
        """(claim id, lecture id) of a ticket of ours. Raises TicketInvalidError."""
        if len(ticket) != _LENGTH:
            raise TicketInvalidError
        try:
            data = base64.b64decode(ticket.encode("ascii") + b"==", altchars=b"-_", validate=True)
        except (ValueError, binascii.Error) as error:
            raise TicketInvalidError from error
        body, tag = data[:-_TAG], data[-_TAG:]
        # The last character has bits to spare: of the texts that decode alike only one is the ticket.
        if len(data) != _SIZE or _encoded(data) != ticket or not hmac.compare_digest(self._tag(body), tag):
            raise TicketInvalidError
        return str(uuid.UUID(bytes=body[:16])), int.from_bytes(body[16:], "big")

    def _tag(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, "sha256")[:_TAG]


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def ticket_of(services: Services, actor: Actor, claim_id: str) -> Ticket:
    """The ticket of one's own confirmed booking.

    Raises TicketNotFoundError (somebody else's, too) and TicketNotConfirmedError.
    """
    with services.breakers.guard("database"), services.db.transaction() as session:
        query = select(LectureBooking, Lecture).join(Lecture, Lecture.id == LectureBooking.lecture_id)
        row = session.execute(query.where(LectureBooking.claim_id == claim_id)).first()
    if row is None or row[0].student_id != actor.account_id:
        raise TicketNotFoundError
    booking, lecture = row
    if booking.state != "confirmed":
        raise TicketNotConfirmedError(state=booking.state)
    text = TicketMill(services.settings.secret_key).sign(booking.claim_id, booking.lecture_id)
    code = shown(DoorCodes(services.settings.secret_key).of(booking.claim_id, booking.lecture_id))
    return Ticket(text, code, booking.claim_id, lecture, booking.checked_in_at)


def qr_svg(ticket: str) -> str:
    """The ticket as a QR code: an SVG element that scales, with its quiet zone."""
    out = io.BytesIO()
    code = segno.make(ticket, error="m", micro=False)
    code.save(out, kind="svg", border=4, xmldecl=False, svgns=True, omitsize=True, dark="#000", light="#fff")
    return out.getvalue().decode()
