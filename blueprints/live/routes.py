"""POST /api/ws-tickets (in the web application)."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from app.auth.actor import Actor
from app.notices.reach import groups_of
from blueprints.auth.guards import signed_in
from blueprints.context import language, services
from blueprints.live.tickets import LIFE_S, Listener, issue
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
    groups = frozenset(groups_of(actor))
    listener = Listener(actor.account_id, groups, language(), actor.token_version, actor.session_id)
    return {"ticket": issue(services().redis, listener), "expires_in": LIFE_S}, 201
