"""The roster, page by page and as a file."""

from __future__ import annotations

from typing import Any

from flask import Response

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.lectures.roster import RosterEntry, list_roster, whole_roster
from app.lectures.roster_csv import roster_csv
from blueprints.auth.guards import requires
from blueprints.context import language, services
from blueprints.lecture_admin.blueprint import blueprint
from blueprints.lecture_admin.schemas import ROSTER, RosterPageQuerySchema, RosterQuerySchema
from blueprints.moments import campus_time
from blueprints.openapi import answers, problems
from blueprints.paging import make_cursor, read_number_cursor


@blueprint.route("/<id:lecture_id>/bookings")
@requires(Permission.LECTURES_MANAGE)
@problems(404)
@answers(200, ROSTER)
@blueprint.arguments(RosterPageQuerySchema, location="query")
def roster(actor: Actor, query: dict[str, Any], lecture_id: int) -> dict[str, Any]:
    """Who has a seat, who waits, who has cancelled; in the order in which they were settled."""
    limit, after = query["limit"], read_number_cursor(query["cursor"]) or 0
    rows = list_roster(services(), actor, lecture_id, state=query["state"], after=after, limit=limit + 1)
    next_cursor = make_cursor(rows[limit - 1].booking_id) if len(rows) > limit else None
    return {"items": [_entry(row) for row in rows[:limit]], "next_cursor": next_cursor}


@blueprint.route("/<id:lecture_id>/bookings.csv")
@requires(Permission.LECTURES_MANAGE)
@problems(404)
@answers(200, {"type": "string"}, content_type="text/csv")
@blueprint.arguments(RosterQuerySchema, location="query")
def roster_file(actor: Actor, query: dict[str, Any], lecture_id: int) -> Response:
    """The whole roster for a spreadsheet."""
    entries = whole_roster(services(), actor, lecture_id, state=query["state"])
    text = roster_csv(entries, language=language(), timezone=services().settings.campus_timezone)
    response = Response(text, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="lecture-{lecture_id}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _entry(row: RosterEntry) -> dict[str, Any]:
    return {
        "claim_id": row.claim_id,
        "student_id": row.student_no or row.username,
        "student_no": row.student_no,
        "username": row.username,
        "display_name": row.display_name,
        "class_name": row.class_name,
        "state": row.state,
        "position": row.position,
        "decided_at": campus_time(row.decided_at),
        "checked_in_at": campus_time(row.checked_in_at),
    }
