"""The roster, page by page and as a file."""

from __future__ import annotations

from typing import Any

from flask import Response

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.lectures.roster import list_roster, whole_roster
from blueprints.auth.guards import requires
from blueprints.context import services
from blueprints.lecture_admin.blueprint import blueprint
from blueprints.openapi import answers, problems
from blueprints.paging import read_number_cursor
from blueprints.rosters import ROSTER, RosterPageQuerySchema, RosterQuerySchema, roster_file_of, roster_page_of


@blueprint.route("/<id:lecture_id>/bookings")
@requires(Permission.LECTURES_MANAGE)
@problems(404)
@answers(200, ROSTER)
@blueprint.arguments(RosterPageQuerySchema, location="query")
def roster(actor: Actor, query: dict[str, Any], lecture_id: int) -> dict[str, Any]:
    """Who has a seat, who waits, who has cancelled; in the order in which they were settled."""
    limit, after = query["limit"], read_number_cursor(query["cursor"]) or 0
    rows = list_roster(services(), actor, lecture_id, state=query["state"], after=after, limit=limit + 1)
    return roster_page_of(rows, limit)


@blueprint.route("/<id:lecture_id>/bookings.csv")
@requires(Permission.LECTURES_MANAGE)
@problems(404)
@answers(200, {"type": "string"}, content_type="text/csv")
@blueprint.arguments(RosterQuerySchema, location="query")
def roster_file(actor: Actor, query: dict[str, Any], lecture_id: int) -> Response:
    """The whole roster for a spreadsheet."""
    entries = whole_roster(services(), actor, lecture_id, state=query["state"])
    return roster_file_of(entries, f"lecture-{lecture_id}", check_in=True)
