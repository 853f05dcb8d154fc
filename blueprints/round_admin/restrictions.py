"""/api/manage/restrictions: emergency settings (禁选)."""

from __future__ import annotations

from typing import Any

from flask import Response

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.enrolment.permits.restrictions import (
    RestrictionView,
    add_restriction,
    list_restrictions,
    remove_restriction,
)
from blueprints.auth.guards import requires
from blueprints.context import services
from blueprints.moments import campus_time
from blueprints.openapi import answers, problems
from blueprints.paging import read_number_cursor
from blueprints.round_admin.blueprint import blueprint
from blueprints.round_admin.permit_schemas import (
    RESTRICTIONS,
    EmergencyInputSchema,
    EmergencySchema,
    RestrictionQuerySchema,
)
from blueprints.round_admin.presenting import created, page, scope_document


@blueprint.route("/restrictions")
@requires(Permission.ROUNDS_MANAGE)
@answers(200, RESTRICTIONS)
@blueprint.arguments(RestrictionQuerySchema, location="query")
def restrictions(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """Restrictions in force, oldest first: of a course, of a section, or all."""
    limit, after = query["limit"], read_number_cursor(query["cursor"]) or 0
    scope = {name: query[name] for name in ("course_id", "section_id")}
    views = list_restrictions(services(), actor, **scope, after=after, limit=limit + 1)
    return page(views, limit, _document, lambda view: view.restriction.id)


@blueprint.route("/restrictions", methods=["POST"])
@requires(Permission.ROUNDS_MANAGE)
@problems(404)
@answers(201, EmergencySchema)
@blueprint.arguments(EmergencyInputSchema)
def add(actor: Actor, body: dict[str, Any]) -> Response:
    """Only these students, or all but these, may choose the section or any section of the course; known within seconds."""
    return created(_document(add_restriction(services(), actor, **body)))


@blueprint.route("/restrictions/<id:restriction_id>", methods=["DELETE"])
@requires(Permission.ROUNDS_MANAGE)
@problems(404)
@answers(204)
def remove(actor: Actor, restriction_id: int) -> tuple[str, int]:
    """Take a restriction back."""
    remove_restriction(services(), actor, restriction_id)
    return "", 204


def _document(view: RestrictionView) -> dict[str, Any]:
    one = view.restriction
    return {
        "id": str(one.id),
        **scope_document(view.course, one.section_id, view.section_no),
        **view.audience.to_json(),
        "reason": one.reason,
        "created_at": campus_time(one.create_time),
    }
