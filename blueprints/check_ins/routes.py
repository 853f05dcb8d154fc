"""POST /api/check-ins, for a role that may do nothing else."""

from __future__ import annotations

from typing import Any

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.lectures.check_in import check_in
from blueprints.auth.guards import requires
from blueprints.check_ins.schemas import CheckInSchema, TicketInputSchema
from blueprints.context import services
from blueprints.moments import campus_time
from blueprints.openapi import Blueprint, answers, problems

blueprint = Blueprint("check_ins", __name__, url_prefix="/api/check-ins", description="Check-in at the door")


@blueprint.route("", methods=["POST"])
@requires(Permission.CHECKIN)
@problems(409, 429)
@answers(200, CheckInSchema)
@blueprint.arguments(TicketInputSchema)
def scan(actor: Actor, body: dict[str, str]) -> dict[str, Any]:
    """Let the holder of a ticket in. Doing so again says when it was the first time."""
    entry = check_in(services(), actor, body["ticket"])
    return {
        "claim_id": entry.claim_id,
        "student_no": entry.student_no,
        "display_name": entry.display_name,
        "lecture_id": str(entry.lecture_id),
        "title": entry.title,
        "checked_in_at": campus_time(entry.checked_in_at),
        "repeated": entry.repeated,
    }
