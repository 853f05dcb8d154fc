"""GET /api/manage/rounds/{id}/as-student."""

from __future__ import annotations

from typing import Any

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.enrolment.rounds.as_student import as_student
from blueprints.auth.guards import requires
from blueprints.context import engine, services
from blueprints.moments import campus_time
from blueprints.openapi import answers, problems
from blueprints.round_admin.blueprint import blueprint
from blueprints.round_admin.permit_schemas import AsStudentQuerySchema, AsStudentSchema
from blueprints.round_admin.presenting import managed_document, person_document


@blueprint.route("/rounds/<id:round_id>/as-student")
@requires(Permission.ROUNDS_MANAGE)
@problems(404)
@answers(200, AsStudentSchema)
@blueprint.arguments(AsStudentQuerySchema, location="query")
def seen_by_student(actor: Actor, query: dict[str, Any], round_id: int) -> dict[str, Any]:
    """When this student may begin, a hold, and how the term's sections stand to them (by every rule but the time)."""
    seen = as_student(services(), engine(), actor, round_id, query["username"])
    return {
        "round": managed_document(seen.round),
        "student": person_document(seen.person),
        "not_before": campus_time(seen.mine.not_before),
        "hold": seen.mine.hold,
        "counts": {
            "sections": seen.sections,
            "held": seen.held,
            "free": seen.free,
            "queued": seen.queued,
            "refused": seen.refused,
        },
    }
