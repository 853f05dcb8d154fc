"""POST /api/rounds/{id}/carts: several sections at once. The view reads its body itself: it is the hot path."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response, request
from webargs.core import missing

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.enrolment.carts import MOST, Cart, CartLine, submit_cart
from app.errors import InvalidInputError
from blueprints.auth.guards import requires
from blueprints.claims.presenting import idempotency_key
from blueprints.claims.schemas import KeySchema
from blueprints.context import engine, services
from blueprints.enrolments.blueprint import blueprint
from blueprints.enrolments.presenting import problem_document
from blueprints.enrolments.schemas import CartBodySchema, CartSchema
from blueprints.ids import read_id
from blueprints.json import json_body
from blueprints.lean import FinishedResponse
from blueprints.openapi import accepts, answers, problems

_JSON = [("Content-Type", "application/json")]
_FIELDS = {"sections", "waitlist"}


@blueprint.route("/rounds/<id:round_id>/carts", methods=["POST"])
@requires(Permission.CLAIMS_OWN)
@problems(400, 404, 409, 422, 429)
@answers(202, CartSchema, description="What is pending is durable; ask status_url how it was decided")
@accepts(KeySchema, location="header")
@accepts(CartBodySchema)
def submit(actor: Actor, round_id: int) -> Response:
    """Claim a seat in several sections, or a place in their waiting lists, in the order of preference.

    Each section has its own answer. Refused as a whole: what is said of all of them alike.
    """
    key = idempotency_key()
    sections, waitlist = _body()
    cart = submit_cart(services(), engine(), actor, round_id, sections, key, waitlist=waitlist)
    return FinishedResponse(orjson.dumps(_document(cart)), 202, _JSON)


def _body() -> tuple[list[int], bool]:
    """(sections, whether a place in a line will do). Raises InvalidInputError."""
    body: Any = json_body(request)
    if body is missing or not isinstance(body, dict):
        raise InvalidInputError(errors={"sections": ["Missing data for required field."]})
    if body.keys() - _FIELDS:
        raise InvalidInputError(errors={name: ["Unknown field."] for name in sorted(body.keys() - _FIELDS)})
    waitlist = body.get("waitlist", True)
    if not isinstance(waitlist, bool):
        raise InvalidInputError(errors={"waitlist": ["Not a valid boolean."]})
    return _sections(body.get("sections")), waitlist


def _sections(given: Any) -> list[int]:
    ids = [read_id(one) for one in given] if isinstance(given, list) and 1 <= len(given) <= MOST else []
    sections = [one for one in ids if one is not None]
    if not sections or len(sections) != len(given) or len(set(sections)) != len(sections):
        raise InvalidInputError(errors={"sections": [f"A list of 1 to {MOST} different ids."]})
    return sections


def _document(cart: Cart) -> dict[str, Any]:
    accepted = [line.claim_id for line in cart.lines if line.admission is not None]
    return {
        "cart_id": cart.id,
        "status_url": f"/api/claims?ids={','.join(accepted)}" if accepted else None,
        "claims": [_line(line) for line in cart.lines],
    }


def _line(line: CartLine) -> dict[str, Any]:
    return {
        "section_id": str(line.section_id),
        "claim_id": line.claim_id,
        "state": "pending" if line.admission else "unknown" if line.unknown else "refused",
        "sequence": line.admission.sequence if line.admission else None,
        "problem": problem_document(line.problem) if line.problem else None,
    }
