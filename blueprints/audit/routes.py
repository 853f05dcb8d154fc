"""GET /api/admin/request-logs, for super-admins."""

from __future__ import annotations

from typing import Any

from app.audit.models import RequestLog
from app.audit.queries import LogFilter, list_requests
from app.auth.actor import Actor
from app.auth.permissions import Permission
from blueprints.audit.schemas import REQUEST_LOGS, LogQuerySchema
from blueprints.auth.guards import requires
from blueprints.context import services
from blueprints.moments import campus_time
from blueprints.openapi import Blueprint, answers
from blueprints.paging import moment_cursor, read_moment_cursor

blueprint = Blueprint("audit", __name__, url_prefix="/api/admin", description="The request audit log")


@blueprint.route("/request-logs")
@requires(Permission.AUDIT_READ)
@answers(200, REQUEST_LOGS)
@blueprint.arguments(LogQuerySchema, location="query")
def request_logs(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """Every write, sign-in and look at people's data, the newest first; some seconds late, later after an outage."""
    after, limit = read_moment_cursor(query.pop("cursor")), query.pop("limit")
    rows = list_requests(services(), actor, LogFilter(**query), after=after, limit=limit + 1)
    next_cursor = moment_cursor(rows[limit - 1].at, rows[limit - 1].id) if len(rows) > limit else None
    return {"items": [_document(row) for row in rows[:limit]], "next_cursor": next_cursor}


def _document(row: RequestLog) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "at": campus_time(row.at),
        "side": row.side,
        "account_id": None if row.account_id is None else str(row.account_id),
        "username": row.username,
        "role": row.role,
        "method": row.method,
        "path": row.path,
        "endpoint": row.endpoint,
        "status": row.status,
        "request_ip": row.request_ip,
        "request_id": row.request_id,
        "request_body": row.request_body,
        "response_body": row.response_body,
        "duration_ms": row.duration_ms,
    }
