"""POST and DELETE /api/lectures/{id}/bookings: what a student may do.

The views read their body themselves: they are the hot path.
"""

from __future__ import annotations

from typing import Any

from flask import Response, request
from webargs.core import missing

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.errors import InvalidInputError
from app.lectures.booking import book, cancel
from blueprints.auth.guards import requires
from blueprints.claims.presenting import accepted, idempotency_key
from blueprints.claims.schemas import AcceptedSchema, KeySchema
from blueprints.context import engine
from blueprints.json import json_body
from blueprints.lectures.blueprint import blueprint
from blueprints.lectures.schemas import BookingBodySchema
from blueprints.openapi import accepts, answers, problems

_NO_LENGTH = frozenset({"", "0"})


@blueprint.route("/<id:lecture_id>/bookings", methods=["POST"])
@requires(Permission.CLAIMS_OWN)
@problems(400, 404, 409, 422, 429)
@answers(202, AcceptedSchema, description="The claim is durable; ask status_url how it was decided")
@accepts(KeySchema, location="header")
@accepts(BookingBodySchema, required=False)
def book_lecture(actor: Actor, lecture_id: int) -> Response:
    """Claim a seat, or a place in the waiting list."""
    key = idempotency_key()
    return accepted(book(engine(), actor, lecture_id, key, waitlist=_wants_waitlist()))


@blueprint.route("/<id:lecture_id>/bookings/mine", methods=["DELETE"])
@requires(Permission.CLAIMS_OWN)
@problems(400, 404, 409, 422, 429)
@answers(202, AcceptedSchema, description="The cancellation is a claim too; ask status_url how it was decided")
@accepts(KeySchema, location="header")
def cancel_booking(actor: Actor, lecture_id: int) -> Response:
    """Cancel one's own booking or place in the waiting list."""
    return accepted(cancel(engine(), actor, lecture_id, idempotency_key()))


def _wants_waitlist() -> bool:
    environ = request.environ
    if environ.get("CONTENT_LENGTH", "0") in _NO_LENGTH and "HTTP_TRANSFER_ENCODING" not in environ:
        return True
    body: Any = json_body(request)
    if body is missing:
        return True
    if not isinstance(body, dict) or not isinstance(body.get("waitlist", True), bool):
        raise InvalidInputError(errors={"waitlist": ["Not a valid boolean."]})
    if body.keys() - {"waitlist"}:
        raise InvalidInputError(errors={name: ["Unknown field."] for name in sorted(body.keys() - {"waitlist"})})
    return bool(body.get("waitlist", True))
