"""Create, list, edit, close, delete."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.lectures.closing import close_lecture
from app.lectures.creating import create_lecture
from app.lectures.deleting import delete_lecture
from app.lectures.draft import LectureDraft
from app.lectures.editing import edit_lecture
from app.lectures.queries import LectureFilter, list_lectures, managed_lecture
from app.lectures.views import LectureView
from blueprints.auth.guards import requires
from blueprints.context import engine, services
from blueprints.lecture_admin.blueprint import blueprint
from blueprints.lecture_admin.schemas import (
    MANAGED,
    LectureChangeSchema,
    LectureInputSchema,
    ManagedLectureSchema,
    ManagedQuerySchema,
)
from blueprints.lectures.presenting import lecture_cursor, lecture_document
from blueprints.lectures.schemas import STATES
from blueprints.openapi import answers, problems
from blueprints.paging import read_moment_cursor
from blueprints.reservations import reservation_documents


@blueprint.route("")
@requires(Permission.LECTURES_MANAGE)
@answers(200, MANAGED)
@blueprint.arguments(ManagedQuerySchema, location="query")
def lectures(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """Every lecture, drafts and cancelled ones too, the latest first."""
    after, limit, state = read_moment_cursor(query.pop("cursor")), query.pop("limit"), query.pop("state")
    wanted = LectureFilter(**query, states=(state,) if state else STATES, newest_first=True)
    views = list_lectures(services(), engine(), wanted, after=after, limit=limit + 1)
    return {"items": [_document(view) for view in views[:limit]], "next_cursor": lecture_cursor(views, limit)}


@blueprint.route("", methods=["POST"])
@requires(Permission.LECTURES_MANAGE)
@problems(409)
@answers(201, ManagedLectureSchema, headers={"Location": {"schema": {"type": "string"}}})
@blueprint.arguments(LectureInputSchema)
def create(actor: Actor, body: dict[str, Any]) -> Response:
    """Create a lecture; with guard_room, 409 room_taken when another one is in that place then."""
    guard_room = body.pop("guard_room")
    view = create_lecture(services(), engine(), actor, LectureDraft(**body), guard_room=guard_room)
    response = jsonify(_document(view))
    response.status_code = 201
    response.headers["Location"] = f"/api/manage/lectures/{view.lecture.id}"
    return response


@blueprint.route("/<id:lecture_id>")
@requires(Permission.LECTURES_MANAGE)
@problems(404)
@answers(200, ManagedLectureSchema)
def lecture(actor: Actor, lecture_id: int) -> dict[str, Any]:
    """One lecture, with its reservations."""
    return _document(managed_lecture(services(), engine(), lecture_id))


@blueprint.route("/<id:lecture_id>", methods=["PATCH"])
@requires(Permission.LECTURES_MANAGE)
@problems(404, 409)
@answers(200, ManagedLectureSchema)
@blueprint.arguments(LectureChangeSchema)
def edit(actor: Actor, body: dict[str, Any], lecture_id: int) -> dict[str, Any]:
    """Change any field, also while it is open. `state: cancelled` (alone) calls it off and cancels every booking.

    409: conflict (another version), capacity_taken, room_taken, lecture_booked, lecture_cancelled.
    """
    version, guard_room = body.pop("version", None), body.pop("guard_room")
    view = edit_lecture(services(), engine(), actor, lecture_id, body, version=version, guard_room=guard_room)
    return _document(view)


@blueprint.route("/<id:lecture_id>", methods=["DELETE"])
@requires(Permission.LECTURES_MANAGE)
@problems(404, 409)
@answers(204, description="It is gone")
def delete(actor: Actor, lecture_id: int) -> tuple[str, int]:
    """Delete a draft. 409 lecture_state: it is none."""
    delete_lecture(services(), actor, lecture_id)
    return "", 204


@blueprint.route("/<id:lecture_id>/close", methods=["POST"])
@requires(Permission.LECTURES_MANAGE)
@problems(404, 409)
@answers(200, ManagedLectureSchema)
def close(actor: Actor, lecture_id: int) -> dict[str, Any]:
    """Close booking now."""
    return _document(close_lecture(services(), engine(), actor, lecture_id))


def _document(view: LectureView) -> dict[str, Any]:
    return {**lecture_document(view), "reservations": reservation_documents(view.reservations)}
