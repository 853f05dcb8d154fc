"""POST and DELETE /api/sections/{id}/enrolments: choose and drop a section."""

from __future__ import annotations

from flask import Response

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.enrolment.enrolling import drop, enrol
from blueprints.auth.guards import requires
from blueprints.claims.presenting import accepted, idempotency_key
from blueprints.claims.schemas import AcceptedSchema, ClaimBodySchema, KeySchema
from blueprints.claims.waitlist import wants_waitlist
from blueprints.context import engine
from blueprints.enrolments.blueprint import blueprint
from blueprints.openapi import accepts, answers, problems


@blueprint.route("/sections/<id:section_id>/enrolments", methods=["POST"])
@requires(Permission.CLAIMS_OWN)
@problems(400, 404, 409, 422, 429)
@answers(202, AcceptedSchema, description="The claim is durable; ask status_url how it was decided")
@accepts(KeySchema, location="header")
@accepts(ClaimBodySchema, required=False)
def enrol_in_section(actor: Actor, section_id: int) -> Response:
    """Claim a seat in a section, or a place in its waiting list."""
    key = idempotency_key()
    return accepted(enrol(engine(), actor, section_id, key, waitlist=wants_waitlist()))


@blueprint.route("/sections/<id:section_id>/enrolments/mine", methods=["DELETE"])
@requires(Permission.CLAIMS_OWN)
@problems(400, 404, 409, 422, 429)
@answers(202, AcceptedSchema, description="The drop is a claim too; ask status_url how it was decided")
@accepts(KeySchema, location="header")
def drop_section(actor: Actor, section_id: int) -> Response:
    """Drop one's own enrolment or place in the waiting list."""
    return accepted(drop(engine(), actor, section_id, idempotency_key()))
