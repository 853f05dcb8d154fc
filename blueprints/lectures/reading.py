"""GET /api/lectures …: the public list and detail, one's own standing, the calendar file."""

from __future__ import annotations

from typing import Any

from flask import Response

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.lectures.calendar_file import calendar_file
from app.lectures.queries import LectureFilter, list_lectures, public_lecture
from app.lectures.standing import standing_in
from blueprints.auth.guards import requires
from blueprints.claims.presenting import present, title_of
from blueprints.context import engine, services
from blueprints.lectures.blueprint import blueprint
from blueprints.lectures.presenting import lecture_cursor, lecture_document, quota_document
from blueprints.lectures.schemas import LECTURES, LectureQuerySchema, LectureSchema, StandingSchema
from blueprints.openapi import answers, problems
from blueprints.paging import read_moment_cursor

CALENDAR = "text/calendar; charset=utf-8"


@blueprint.route("")
@answers(200, LECTURES)
@blueprint.arguments(LectureQuerySchema, location="query")
def lectures(query: dict[str, Any]) -> dict[str, Any]:
    """Published lectures, the soonest first; those that are over only with phase=past or from."""
    after, limit = read_moment_cursor(query.pop("cursor")), query.pop("limit")
    views = list_lectures(services(), engine(), LectureFilter(**query), after=after, limit=limit + 1)
    return {"items": [lecture_document(view) for view in views[:limit]], "next_cursor": lecture_cursor(views, limit)}


@blueprint.route("/<id:lecture_id>")
@problems(404)
@answers(200, LectureSchema)
def lecture(lecture_id: int) -> dict[str, Any]:
    """One lecture."""
    return lecture_document(public_lecture(services(), engine(), lecture_id))


@blueprint.route("/<id:lecture_id>/standing")
@requires(Permission.CLAIMS_OWN)
@problems(404)
@answers(200, StandingSchema)
def standing(actor: Actor, lecture_id: int) -> dict[str, Any]:
    """How the lecture stands to the signed-in student: may they book, why not, what they have."""
    found = standing_in(services(), engine(), actor, lecture_id)
    claim = None if found.claim is None else present(found.claim, title_of(found.claim.kind, lecture_id))
    return {
        "eligible": found.eligible,
        "reason": found.reason,
        "pool": found.pool,
        "claim": claim,
        "can_cancel": found.can_cancel,
        "quota": None if found.quota is None else quota_document(found.quota),
    }


@blueprint.route("/<id:lecture_id>/calendar.ics")
@problems(404)
@answers(200, {"type": "string"}, content_type="text/calendar")
def calendar(lecture_id: int) -> Response:
    """The lecture as a calendar file; importing a newer one updates the entry."""
    view = public_lecture(services(), engine(), lecture_id)
    response = Response(calendar_file(view.lecture, services().settings.campus_timezone), content_type=CALENDAR)
    response.headers["Content-Disposition"] = f'attachment; filename="lecture-{lecture_id}.ics"'
    return response
