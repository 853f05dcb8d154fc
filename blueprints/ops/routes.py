"""/api/ops: the state of the engine, the live limit, freeze and resume, rebuild, dead letters."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response
from pika.exceptions import AMQPError

from app.admission.deadletters import redrive
from app.admission.overview import overview
from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.errors import UnavailableError
from app.lectures.freezing import set_frozen
from blueprints.auth.guards import requires
from blueprints.context import engine, services
from blueprints.openapi import Blueprint, answers, problems
from blueprints.ops.schemas import BucketSchema, OverviewSchema, RebuildSchema, RedriveSchema

blueprint = Blueprint("ops", __name__, url_prefix="/api/ops", description="Operations")


@blueprint.route("/status")
@requires(Permission.OPS)
@answers(200, OverviewSchema)
def status(_: Actor) -> dict[str, Any]:
    """What waits, for how long, and which parts are away."""
    return overview(services(), engine())


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
@blueprint.arguments(BucketSchema)
def set_bucket(_: Actor, body: dict[str, int]) -> dict[str, int]:
    """Change the global token bucket at once. A rate of 0 lets nobody in."""
    engine().bucket.change(body["rate"], body["burst"])
    return body


@blueprint.route("/offerings/lecture/<id:lecture_id>/freeze", methods=["POST"])
@requires(Permission.OPS)
@problems(404)
@answers(204)
def freeze(_: Actor, lecture_id: int) -> Response:
    """Pause booking of one lecture."""
    set_frozen(services(), engine(), lecture_id, frozen=True)
    return Response(status=204)


@blueprint.route("/offerings/lecture/<id:lecture_id>/resume", methods=["POST"])
@requires(Permission.OPS)
@problems(404)
@answers(204)
def resume(_: Actor, lecture_id: int) -> Response:
    """Resume booking of one lecture."""
    set_frozen(services(), engine(), lecture_id, frozen=False)
    return Response(status=204)


@blueprint.route("/rebuild", methods=["POST"])
@requires(Permission.OPS)
@answers(202, RebuildSchema)
def rebuild(_: Actor) -> tuple[dict[str, int], int]:
    """Have the watch rebuild Redis from MariaDB: its data is declared lost."""
    epoch, _run = engine().store.stored_fence()
    services().redis.delete("sr:epoch")
    return {"epoch": epoch}, 202


@blueprint.route("/dead-letters/redrive", methods=["POST"])
@requires(Permission.OPS)
@answers(200, RedriveSchema)
def redrive_dead_letters(_: Actor) -> dict[str, int]:
    """Send poison messages through the claim queues again, after its cause was mended."""
    try:
        return asdict(redrive(services().settings.amqp_url, services().publisher))
    except AMQPError as error:
        raise UnavailableError(retry_after=2) from error
