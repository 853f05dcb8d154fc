"""/api/manage/holds."""

from __future__ import annotations

from typing import Any

from flask import Response

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.enrolment.permits.placing import HoldView, lift_hold, list_holds, place_hold
from blueprints.auth.guards import requires
from blueprints.context import engine, services
from blueprints.moments import campus_time
from blueprints.openapi import answers, problems
from blueprints.paging import read_number_cursor
from blueprints.round_admin.blueprint import blueprint
from blueprints.round_admin.permit_schemas import HOLDS, HoldInputSchema, HoldSchema, StudentQuerySchema
from blueprints.round_admin.presenting import created, page, person_document


@blueprint.route("/holds")
@requires(Permission.ROUNDS_MANAGE)
@problems(404)
@answers(200, HOLDS)
@blueprint.arguments(StudentQuerySchema, location="query")
def holds(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """The holds of a term, of one student or of all."""
    limit, after = query["limit"], read_number_cursor(query["cursor"]) or 0
    views = list_holds(services(), actor, query["term_id"], query["username"], after=after, limit=limit + 1)
    return page(views, limit, _document, lambda view: view.hold.id)


@blueprint.route("/holds", methods=["POST"])
@requires(Permission.ROUNDS_MANAGE)
@problems(404)
@answers(201, HoldSchema)
@blueprint.arguments(HoldInputSchema)
def place(actor: Actor, body: dict[str, Any]) -> Response:
    """From now on this student may choose nothing in that term; dropping stays possible."""
    return created(_document(place_hold(services(), engine(), actor, **body)))


@blueprint.route("/holds/<id:hold_id>", methods=["DELETE"])
@requires(Permission.ROUNDS_MANAGE)
@problems(404)
@answers(204)
def lift(actor: Actor, hold_id: int) -> tuple[str, int]:
    """Lift a hold."""
    lift_hold(services(), engine(), actor, hold_id)
    return "", 204


def _document(view: HoldView) -> dict[str, Any]:
    return {
        "id": str(view.hold.id),
        "term_id": str(view.hold.term_id),
        "student": person_document(view.person),
        "reason": view.hold.reason,
        "created_at": campus_time(view.hold.create_time),
    }
