"""POST /api/ws-tickets (in the web application)."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from app.auth.actor import Actor
from blueprints.auth.guards import signed_in
from blueprints.context import services
from blueprints.live.tickets import LIFE_S, issue
from blueprints.openapi import Blueprint, answers

blueprint = Blueprint("live", __name__, url_prefix="/api", description="Live delivery")


class TicketSchema(Schema):
    ticket = fields.String(required=True)
    expires_in = fields.Integer(required=True)


@blueprint.route("/ws-tickets", methods=["POST"])
@signed_in
@answers(201, TicketSchema)
def new_ticket(actor: Actor) -> tuple[dict[str, Any], int]:
    """A one-time ticket for GET /ws?ticket=…"""
    return {"ticket": issue(services().redis, actor.account_id), "expires_in": LIFE_S}, 201
