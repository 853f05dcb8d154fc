"""GET /api/claims/{id}/ticket."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.lectures.tickets import qr_svg, ticket_of
from blueprints.auth.guards import requires
from blueprints.context import services
from blueprints.lectures.presenting import lecture_brief
from blueprints.moments import campus_time
from blueprints.openapi import Blueprint, answers, problems
from blueprints.tickets.schemas import LectureTicketSchema

blueprint = Blueprint("tickets", __name__, url_prefix="/api/claims", description="Tickets of confirmed bookings")


@blueprint.route("/<uuid:claim_id>/ticket")
@requires(Permission.CLAIMS_OWN)
@problems(404, 409)
@answers(200, LectureTicketSchema)
def ticket(actor: Actor, claim_id: UUID) -> dict[str, Any]:
    """The ticket of one's own confirmed booking, with its QR code."""
    found = ticket_of(services(), actor, str(claim_id))
    return {
        "ticket": found.ticket,
        "door_code": found.door_code,
        "qr_svg": qr_svg(found.ticket),
        "claim_id": found.claim_id,
        "lecture": lecture_brief(found.lecture),
        "checked_in_at": campus_time(found.checked_in_at),
    }
