"""Reports of drills and rehearsals."""

from __future__ import annotations

from typing import Any

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.errors import InvalidInputError
from app.operations.reports import report, reports
from blueprints.auth.guards import requires
from blueprints.context import services
from blueprints.openapi import answers, problems
from blueprints.ops.blueprint import blueprint
from blueprints.ops.report_schemas import ReportSchema, ReportsQuerySchema, ReportsSchema
from blueprints.paging import make_cursor

HEAD = ("id", "kind", "title", "at", "held", "counts")


@blueprint.route("/drills")
@requires(Permission.OPS)
@answers(200, ReportsSchema)
@blueprint.arguments(ReportsQuerySchema, location="query")
def list_reports(actor: Actor, asked: dict[str, Any]) -> dict[str, Any]:
    """What drills and rehearsals gave, the newest first."""
    limit = asked["limit"]
    found = reports(services().settings, actor, limit=limit + 1, before=_before(asked["cursor"]))
    items = [_head(one) for one in found[:limit]]
    return {"items": items, "next_cursor": make_cursor(items[-1]["id"]) if len(found) > limit else None}


@blueprint.route("/drills/<string:report_id>")
@requires(Permission.OPS)
@problems(404)
@answers(200, ReportSchema)
def show_report(actor: Actor, report_id: str) -> dict[str, Any]:
    """One report, with its lines over time."""
    return _local(report(services().settings, actor, report_id))


def _head(one: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in _local(one).items() if name in HEAD}


def _local(one: dict[str, Any]) -> dict[str, Any]:
    return {**one, "at": one["at"].astimezone(services().settings.campus_timezone)}


def _before(cursor: list[Any] | None) -> str | None:
    if cursor is None:
        return None
    if len(cursor) != 1 or not isinstance(cursor[0], str):
        raise InvalidInputError(errors={"cursor": ["Not a cursor of this list."]})
    return cursor[0]
