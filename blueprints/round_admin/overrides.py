"""/api/manage/overrides (特批)."""

from __future__ import annotations

from typing import Any

from flask import Response

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.enrolment.permits.granting import OverrideView, grant_override, list_overrides, revoke_override
from blueprints.auth.guards import requires
from blueprints.context import services
from blueprints.moments import campus_time
from blueprints.openapi import answers, problems
from blueprints.paging import read_number_cursor
from blueprints.round_admin.blueprint import blueprint
from blueprints.round_admin.permit_schemas import (
    OVERRIDES,
    OverrideInputSchema,
    OverrideSchema,
    StudentQuerySchema,
)
from blueprints.round_admin.presenting import created, page, person_document, scope_document


@blueprint.route("/overrides")
@requires(Permission.ROUNDS_MANAGE)
@problems(404)
@answers(200, OVERRIDES)
@blueprint.arguments(StudentQuerySchema, location="query")
def overrides(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """The overrides of a term, of one student or of all."""
    limit, after = query["limit"], read_number_cursor(query["cursor"]) or 0
    views = list_overrides(services(), actor, query["term_id"], query["username"], after=after, limit=limit + 1)
    return page(views, limit, _document, lambda view: view.override.id)


@blueprint.route("/overrides", methods=["POST"])
@requires(Permission.ROUNDS_MANAGE)
@problems(404)
@answers(201, OverrideSchema)
@blueprint.arguments(OverrideInputSchema)
def grant(actor: Actor, body: dict[str, Any]) -> Response:
    """These rules do not stand against this student there; seats, window and one section a course always do."""
    return created(_document(grant_override(services(), actor, **body)))


@blueprint.route("/overrides/<id:override_id>", methods=["DELETE"])
@requires(Permission.ROUNDS_MANAGE)
@problems(404)
@answers(204)
def revoke(actor: Actor, override_id: int) -> tuple[str, int]:
    """Revoke it; what was chosen by it stays."""
    revoke_override(services(), actor, override_id)
    return "", 204


def _document(view: OverrideView) -> dict[str, Any]:
    one = view.override
    return {
        "id": str(one.id),
        "term_id": str(one.term_id),
        "student": person_document(view.person),
        **scope_document(view.course, one.section_id, view.section_no),
        "rules": one.rules,
        "reason": one.reason,
        "created_at": campus_time(one.create_time),
    }
