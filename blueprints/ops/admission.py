"""How many are let in: the live limit, and a brake on each offering."""

from __future__ import annotations

from typing import Any

from flask import Response

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.operations.braking import brake_lecture, brake_section
from blueprints.auth.guards import requires
from blueprints.context import engine, services
from blueprints.openapi import answers, problems
from blueprints.ops.blueprint import blueprint
from blueprints.ops.schemas import BucketChangeSchema, BucketSchema, ReasonSchema


@blueprint.route("/admission")
@requires(Permission.OPS)
@answers(200, BucketSchema)
def bucket(_: Actor) -> dict[str, int]:
    """The global token bucket."""
    rate, burst = engine().bucket.read()
    return {"rate": rate, "burst": burst}


@blueprint.route("/admission", methods=["PUT"])
@requires(Permission.OPS)
@answers(200, BucketSchema)
@blueprint.arguments(BucketChangeSchema)
def set_bucket(_: Actor, body: dict[str, Any]) -> dict[str, int]:
    """Change the global token bucket at once. A rate of 0 lets nobody in."""
    engine().bucket.change(body["rate"], body["burst"])
    return {"rate": body["rate"], "burst": body["burst"]}


@blueprint.route("/offerings/lecture/<id:lecture_id>/freeze", methods=["POST"])
@requires(Permission.OPS)
@problems(404)
@answers(204)
@blueprint.arguments(ReasonSchema, required=False)
def freeze_lecture(actor: Actor, _: dict[str, Any], lecture_id: int) -> Response:
    """Pause booking of one lecture."""
    brake_lecture(services(), engine(), actor, lecture_id, frozen=True)
    return Response(status=204)


@blueprint.route("/offerings/lecture/<id:lecture_id>/resume", methods=["POST"])
@requires(Permission.OPS)
@problems(404)
@answers(204)
@blueprint.arguments(ReasonSchema, required=False)
def resume_lecture(actor: Actor, _: dict[str, Any], lecture_id: int) -> Response:
    """Resume booking of one lecture."""
    brake_lecture(services(), engine(), actor, lecture_id, frozen=False)
    return Response(status=204)


@blueprint.route("/offerings/section/<id:section_id>/freeze", methods=["POST"])
@requires(Permission.OPS)
@problems(404)
@answers(204)
@blueprint.arguments(ReasonSchema, required=False)
def freeze_section(actor: Actor, _: dict[str, Any], section_id: int) -> Response:
    """Pause choosing of one section."""
    brake_section(services(), engine(), actor, section_id, frozen=True)
    return Response(status=204)


@blueprint.route("/offerings/section/<id:section_id>/resume", methods=["POST"])
@requires(Permission.OPS)
@problems(404)
@answers(204)
@blueprint.arguments(ReasonSchema, required=False)
def resume_section(actor: Actor, _: dict[str, Any], section_id: int) -> Response:
    """Resume choosing of one section."""
    brake_section(services(), engine(), actor, section_id, frozen=False)
    return Response(status=204)
