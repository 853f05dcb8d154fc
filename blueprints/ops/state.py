"""The state of everything, comparing Redis with MariaDB, and having Redis built anew."""

from __future__ import annotations

from typing import Any

from app.admission.store import EpochError
from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.errors import UnavailableError
from app.operations.comparing import compare_all
from app.operations.rebuilding import ask_for_rebuild
from app.operations.trail import read_trail
from blueprints.auth.guards import requires
from blueprints.context import engine, overview, services
from blueprints.openapi import answers
from blueprints.ops.blueprint import blueprint
from blueprints.ops.presenting import comparison_document, overview_document
from blueprints.ops.schemas import ComparisonSchema, ReasonSchema, RebuildSchema
from blueprints.ops.status_schemas import HistorySchema, OverviewSchema


@blueprint.route("/status")
@requires(Permission.OPS)
@answers(200, OverviewSchema)
def status(_: Actor) -> dict[str, Any]:
    """What flows, what waits and for how long, and which parts are away. Answers whatever is away, in 2 s at most."""
    return overview_document(overview().read())


@blueprint.route("/history")
@requires(Permission.OPS)
@answers(200, HistorySchema)
def history(_: Actor) -> dict[str, Any]:
    """What the charts show of the last quarter of an hour, as the maintenance program saw it."""
    return {"items": read_trail(services().settings.trail_file)}


@blueprint.route("/rebuild", methods=["POST"])
@requires(Permission.OPS)
@answers(202, RebuildSchema)
@blueprint.arguments(ReasonSchema, required=False)
def rebuild(actor: Actor, body: dict[str, Any]) -> tuple[dict[str, int], int]:
    """Have the watch rebuild Redis from MariaDB: its data is declared lost. `epoch`: the one that ends."""
    return {"epoch": ask_for_rebuild(services(), engine(), actor, body["reason"])}, 202


@blueprint.route("/reconciliation", methods=["POST"])
@requires(Permission.OPS)
@answers(200, ComparisonSchema)
def reconcile(actor: Actor) -> dict[str, Any]:
    """Compare Redis with MariaDB now, pool by pool. Mends nothing: the maintenance program does, within seconds."""
    try:
        return comparison_document(compare_all(services(), engine(), actor))
    except EpochError as error:
        raise UnavailableError(retry_after=2) from error
