"""Publish, freeze, resume, extend."""

from __future__ import annotations

from typing import Any

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.enrolment.lottery.requesting import request_draw
from app.enrolment.rounds.publishing import publish_round
from app.enrolment.rounds.steering import extend_round, freeze_round, resume_round
from blueprints.auth.guards import requires
from blueprints.context import engine, services
from blueprints.openapi import answers, problems
from blueprints.round_admin.blueprint import blueprint
from blueprints.round_admin.presenting import managed_document
from blueprints.round_admin.schemas import ExtensionSchema, ManagedRoundSchema, RoundReasonSchema
from blueprints.rounds.draws import draw_document
from blueprints.rounds.schemas import DrawSchema


@blueprint.route("/rounds/<id:round_id>/publish", methods=["POST"])
@requires(Permission.ROUNDS_MANAGE)
@problems(404, 409)
@answers(200, ManagedRoundSchema)
def publish(actor: Actor, round_id: int) -> dict[str, Any]:
    """Let students see it. A lottery or fair round commits to its seed now. 409: round_overlap, round_state."""
    return managed_document(publish_round(services(), engine(), actor, round_id))


@blueprint.route("/rounds/<id:round_id>/freeze", methods=["POST"])
@requires(Permission.ROUNDS_MANAGE)
@problems(404, 409)
@answers(200, ManagedRoundSchema)
@blueprint.arguments(RoundReasonSchema)
def freeze(actor: Actor, body: dict[str, Any], round_id: int) -> dict[str, Any]:
    """Accept nothing more for now; what was accepted is decided, drops go on. Open pages are told at once."""
    return managed_document(freeze_round(services(), engine(), actor, round_id, body["reason"]))


@blueprint.route("/rounds/<id:round_id>/resume", methods=["POST"])
@requires(Permission.ROUNDS_MANAGE)
@problems(404, 409)
@answers(200, ManagedRoundSchema)
@blueprint.arguments(RoundReasonSchema)
def resume(actor: Actor, body: dict[str, Any], round_id: int) -> dict[str, Any]:
    """Go on after a freeze."""
    return managed_document(resume_round(services(), engine(), actor, round_id, body["reason"]))


@blueprint.route("/rounds/<id:round_id>/extend", methods=["POST"])
@requires(Permission.ROUNDS_MANAGE)
@problems(404, 409)
@answers(200, ManagedRoundSchema)
@blueprint.arguments(ExtensionSchema)
def extend(actor: Actor, body: dict[str, Any], round_id: int) -> dict[str, Any]:
    """Move its end to a later time, also when it has closed. 409: round_overlap, round_state."""
    return managed_document(extend_round(services(), engine(), actor, round_id, **body))


@blueprint.route("/rounds/<id:round_id>/draw", methods=["POST"])
@requires(Permission.ROUNDS_MANAGE)
@problems(404, 409)
@answers(202, DrawSchema, description="It will be drawn within seconds; ask GET /api/rounds/{id}/draw")
def draw(actor: Actor, round_id: int) -> tuple[dict[str, Any], int]:
    """Draw a lottery round that has closed; asking again changes nothing. 409: not_a_lottery, round_not_closed, round_state."""
    return draw_document(request_draw(services(), actor, round_id)), 202
