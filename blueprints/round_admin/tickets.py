"""/api/manage/time-tickets."""

from __future__ import annotations

from typing import Any

from flask import Response

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.enrolment.permits.tickets import TicketView, add_ticket, list_tickets, remove_ticket
from blueprints.auth.guards import requires
from blueprints.context import services
from blueprints.moments import campus_time
from blueprints.openapi import answers, problems
from blueprints.paging import read_number_cursor
from blueprints.round_admin.blueprint import blueprint
from blueprints.round_admin.permit_schemas import TICKETS, TicketQuerySchema, TimeTicketInputSchema, TimeTicketSchema
from blueprints.round_admin.presenting import created, page, person_document


@blueprint.route("/time-tickets")
@requires(Permission.ROUNDS_MANAGE)
@problems(404)
@answers(200, TICKETS)
@blueprint.arguments(TicketQuerySchema, location="query")
def tickets(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """The time tickets of a round."""
    limit, after = query["limit"], read_number_cursor(query["cursor"]) or 0
    views = list_tickets(services(), actor, query["round_id"], after=after, limit=limit + 1)
    return page(views, limit, _document, lambda view: view.ticket.id)


@blueprint.route("/time-tickets", methods=["POST"])
@requires(Permission.ROUNDS_MANAGE)
@problems(404)
@answers(201, TimeTicketSchema)
@blueprint.arguments(TimeTicketInputSchema)
def add(actor: Actor, body: dict[str, Any]) -> Response:
    """These students begin later. A ticket by name goes before one for a group; of several alike the earliest counts."""
    return created(_document(add_ticket(services(), actor, body.pop("round_id"), **body)))


@blueprint.route("/time-tickets/<id:ticket_id>", methods=["DELETE"])
@requires(Permission.ROUNDS_MANAGE)
@problems(404)
@answers(204)
def remove(actor: Actor, ticket_id: int) -> tuple[str, int]:
    """Take a ticket back."""
    remove_ticket(services(), actor, ticket_id)
    return "", 204


def _document(view: TicketView) -> dict[str, Any]:
    groups = view.audience.to_json()
    groups.pop("mode")
    ticket = view.ticket
    return {
        "id": str(ticket.id),
        "round_id": str(ticket.round_id),
        **groups,
        "students": [person_document(view.people[one]) for one in ticket.students if one in view.people],
        "not_before": campus_time(ticket.not_before),
    }
