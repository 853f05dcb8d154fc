"""GET /api/admin/controls, its history, and PUT: what super-admins may turn while the system runs."""

from __future__ import annotations

from typing import Any

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.controls.changing import change_control
from app.controls.models import ControlChange
from app.controls.queries import Setting, history_of, list_settings
from blueprints.auth.guards import requires
from blueprints.context import language, services
from blueprints.controls.schemas import CONTROL_HISTORY, ControlInputSchema, ControlListSchema, ControlSchema
from blueprints.moments import campus_time
from blueprints.openapi import Blueprint, answers, problems
from blueprints.paging import PageSchema, make_cursor, read_number_cursor

blueprint = Blueprint("controls", __name__, url_prefix="/api/admin/controls", description="System settings")


@blueprint.route("")
@requires(Permission.CONTROLS_MANAGE)
@answers(200, ControlListSchema)
def controls(_: Actor) -> dict[str, Any]:
    """Every setting as it stands."""
    return {"items": [_document(setting) for setting in list_settings(services())]}


@blueprint.route("/<string:key>", methods=["PUT"])
@requires(Permission.CONTROLS_MANAGE)
@problems(404, 409)
@answers(200, ControlSchema)
@blueprint.arguments(ControlInputSchema)
def change(actor: Actor, body: dict[str, Any], key: str) -> dict[str, Any]:
    """Change a setting, saying why; in force everywhere within seconds. 409 conflict: another version (see `version`)."""
    return _document(change_control(services(), actor, key, **body))


@blueprint.route("/<string:key>/history")
@requires(Permission.CONTROLS_MANAGE)
@problems(404)
@answers(200, CONTROL_HISTORY)
@blueprint.arguments(PageSchema, location="query")
def history(_: Actor, query: dict[str, Any], key: str) -> dict[str, Any]:
    """Every change of a setting, the latest first."""
    limit = query["limit"]
    rows = history_of(services(), key, before=read_number_cursor(query["cursor"], 2**31 - 1), limit=limit + 1)
    next_cursor = make_cursor(rows[limit - 1].version) if len(rows) > limit else None
    return {"items": [_change(row) for row in rows[:limit]], "next_cursor": next_cursor}


def _document(setting: Setting) -> dict[str, Any]:
    control, last = setting.control, setting.last
    return {
        "key": control.key,
        "kind": control.kind,
        "label": control.zh if language() == "zh" else control.en,
        "value": setting.value,
        "default": control.default,
        "bounds": control.bounds,
        "version": setting.version,
        "changed_at": campus_time(last.at) if last else None,
        "changed_by": last.username if last else None,
    }


def _change(row: ControlChange) -> dict[str, Any]:
    return {
        "version": row.version,
        "old": row.old,
        "new": row.new,
        "reason": row.reason,
        "account_id": str(row.account_id),
        "username": row.username,
        "at": campus_time(row.at),
    }
