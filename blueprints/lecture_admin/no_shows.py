"""/api/manage/lectures/no-shows: who missed lectures, and forgiving it."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.lectures.quota.waiving import NoShows, list_no_shows, waive_no_shows
from blueprints.auth.guards import requires
from blueprints.context import engine, services
from blueprints.ids import Id
from blueprints.lecture_admin.blueprint import blueprint
from blueprints.moments import Text
from blueprints.openapi import answers, problems
from blueprints.paging import PageSchema, make_cursor, page_of, read_text_cursor


class NoShowsQuerySchema(PageSchema):
    term_id = Id(load_default=None, metadata={"description": "The current term by default"})
    q = Text(
        64, empty=True, load_default="", metadata={"description": "The beginning of a number, a username or a name"}
    )


class WaiverSchema(Schema):
    student_id = Id(required=True)
    term_id = Id(required=True)


class NoShowsSchema(Schema):
    student_id = fields.String(required=True)
    username = fields.String(required=True)
    student_no = fields.String(required=True)
    display_name = fields.String(required=True)
    term_id = fields.String(required=True)
    missed = fields.Integer(required=True)
    waived = fields.Integer(required=True, metadata={"description": "How many of them are forgiven"})
    held = fields.Boolean(required=True, metadata={"description": "The student may book no more in this term"})


NO_SHOWS = page_of("NoShows", NoShowsSchema)


@blueprint.route("/no-shows")
@requires(Permission.LECTURES_MANAGE)
@problems(404)
@answers(200, NO_SHOWS)
@blueprint.arguments(NoShowsQuerySchema, location="query")
def no_shows(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """Students who had a seat in lectures of a term and did not come, by number."""
    after, limit = read_text_cursor(query.pop("cursor")) or "", query.pop("limit")
    views = list_no_shows(services(), actor, **query, after=after, limit=limit + 1)
    more = make_cursor(views[limit - 1].student.student_no) if len(views) > limit else None
    return {"items": [_document(view) for view in views[:limit]], "next_cursor": more}


@blueprint.route("/no-shows/waivers", methods=["POST"])
@requires(Permission.LECTURES_MANAGE)
@problems(404)
@answers(200, NoShowsSchema)
@blueprint.arguments(WaiverSchema)
def waive(actor: Actor, body: dict[str, Any]) -> dict[str, Any]:
    """Forgive what a student has missed in a term so far: they may book again."""
    return _document(waive_no_shows(services(), engine(), actor, **body))


def _document(view: NoShows) -> dict[str, Any]:
    return {
        "student_id": str(view.account.id),
        "username": view.account.username,
        "student_no": view.student.student_no,
        "display_name": view.account.display_name,
        "term_id": str(view.term_id),
        "missed": view.missed,
        "waived": view.waived,
        "held": view.held,
    }
