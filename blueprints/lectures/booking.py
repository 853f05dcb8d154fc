"""POST and DELETE /api/lectures/{id}/bookings: what a student may do.

The views read their body themselves: they are the hot path.
"""

from __future__ import annotations

from flask import Response

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.lectures.booking import book, cancel
from blueprints.auth.guards import requires
from blueprints.claims.presenting import accepted, idempotency_key
from blueprints.claims.schemas import AcceptedSchema, ClaimBodySchema, KeySchema
from blueprints.claims.waitlist import wants_waitlist
from blueprints.context import engine
from blueprints.lectures.blueprint import blueprint
from blueprints.openapi import accepts, answers, problems


@blueprint.route("/<id:lecture_id>/bookings", methods=["POST"])
@requires(Permission.CLAIMS_OWN)
@problems(400, 404, 409, 422, 429)
@answers(202, AcceptedSchema, description="The claim is durable; ask status_url how it was decided")
@accepts(KeySchema, location="header")
@accepts(ClaimBodySchema, required=False)
def book_lecture(actor: Actor, lecture_id: int) -> Response:
    """Claim a seat, or a place in the waiting list."""
    key = idempotency_key()
    return accepted(book(engine(), actor, lecture_id, key, waitlist=wants_waitlist()))


@blueprint.route("/<id:lecture_id>/bookings/mine", methods=["DELETE"])
@requires(Permission.CLAIMS_OWN)
@problems(400, 404, 409, 422, 429)
@answers(202, AcceptedSchema, description="The cancellation is a claim too; ask status_url how it was decided")
@accepts(KeySchema, location="header")
def cancel_booking(actor: Actor, lecture_id: int) -> Response:
    """Cancel one's own booking or place in the waiting list."""
    return accepted(cancel(engine(), actor, lecture_id, idempotency_key()))
