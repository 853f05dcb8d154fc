"""A host that is lost for good."""

from __future__ import annotations

from typing import Any

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.operations.writing_off import write_off_host
from blueprints.auth.guards import requires
from blueprints.context import services
from blueprints.openapi import answers, problems
from blueprints.ops.blueprint import blueprint
from blueprints.ops.schemas import ReasonSchema, WriteOffSchema


@blueprint.route("/hosts/<string:host>/write-off", methods=["POST"])
@requires(Permission.OPS)
@problems(404, 409)
@answers(200, WriteOffSchema)
@blueprint.arguments(ReasonSchema, required=False)
def write_off(actor: Actor, body: dict[str, Any], host: str) -> dict[str, Any]:
    """Write its spool off: no rebuild waits for it, and what turns up of it is rejected unless it was decided before."""
    at = write_off_host(services(), actor, host, body["reason"])
    return {"host": host, "written_off_at": at.astimezone(services().settings.campus_timezone)}
