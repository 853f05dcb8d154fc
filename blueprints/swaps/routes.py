"""POST /api/rounds/{id}/swaps: one section for another, both or neither."""

from __future__ import annotations

from typing import Any

from flask import Response

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.enrolment.swapping import swap
from blueprints.auth.guards import requires
from blueprints.claims.presenting import accepted, idempotency_key
from blueprints.claims.schemas import AcceptedSchema, KeySchema
from blueprints.context import engine
from blueprints.openapi import Blueprint, accepts, answers, problems
from blueprints.swaps.schemas import SwapSchema

blueprint = Blueprint("swaps", __name__, url_prefix="/api/rounds", description="Swapping one section for another")


@blueprint.route("/<id:round_id>/swaps", methods=["POST"])
@requires(Permission.CLAIMS_OWN)
@problems(400, 404, 409, 422, 429)
@answers(202, AcceptedSchema, description="The swap is one claim; ask status_url how it was decided")
@accepts(KeySchema, location="header")
@blueprint.arguments(SwapSchema)
def swap_sections(actor: Actor, body: dict[str, Any], round_id: int) -> Response:
    """Take a seat in one section for what is held in another: both or neither."""
    key = idempotency_key()
    return accepted(swap(engine(), actor, round_id, drop_id=body["drop"], take_id=body["take"], key=key))
