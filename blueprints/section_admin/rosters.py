"""Rosters of sections, page by page and as a file: for managers of courses, and for the teacher of the section."""

from __future__ import annotations

from typing import Any

from flask import Response

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.enrolment.sections.roster import list_roster, whole_roster
from app.enrolment.sections.teaching import my_sections
from blueprints.auth.guards import requires
from blueprints.catalogue.presenting import section_document
from blueprints.catalogue.section_schemas import SECTIONS
from blueprints.context import services
from blueprints.openapi import answers, problems
from blueprints.paging import read_number_cursor
from blueprints.rosters import ROSTER, RosterPageQuerySchema, RosterQuerySchema, roster_file_of, roster_page_of
from blueprints.section_admin.blueprint import blueprint
from blueprints.section_admin.schemas import TaughtQuerySchema

_CSV = {"type": "string"}


@blueprint.route("/manage/sections/<id:row_id>/enrolments")
@requires(Permission.COURSES_MANAGE)
@problems(404)
@answers(200, ROSTER)
@blueprint.arguments(RosterPageQuerySchema, location="query")
def roster(actor: Actor, query: dict[str, Any], row_id: int) -> dict[str, Any]:
    """Who has a seat, who waits, who has dropped; in the order in which they were settled."""
    return _page(actor, query, row_id)


@blueprint.route("/manage/sections/<id:row_id>/enrolments.csv")
@requires(Permission.COURSES_MANAGE)
@problems(404)
@answers(200, _CSV, content_type="text/csv")
@blueprint.arguments(RosterQuerySchema, location="query")
def roster_file(actor: Actor, query: dict[str, Any], row_id: int) -> Response:
    """The whole roster for a spreadsheet."""
    return _file(actor, query, row_id)


@blueprint.route("/me/sections")
@requires(Permission.TEACHING_READ)
@problems(404)
@answers(200, SECTIONS)
@blueprint.arguments(TaughtQuerySchema, location="query")
def taught(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """The sections that one teaches in a term, all of them."""
    views = my_sections(services(), actor, query["term_id"])
    return {"items": [section_document(view) for view in views], "next_cursor": None}


@blueprint.route("/me/sections/<id:row_id>/enrolments")
@requires(Permission.TEACHING_READ)
@problems(404)
@answers(200, ROSTER)
@blueprint.arguments(RosterPageQuerySchema, location="query")
def own_roster(actor: Actor, query: dict[str, Any], row_id: int) -> dict[str, Any]:
    """The roster of a section that one teaches; another's is a 404."""
    return _page(actor, query, row_id)


@blueprint.route("/me/sections/<id:row_id>/enrolments.csv")
@requires(Permission.TEACHING_READ)
@problems(404)
@answers(200, _CSV, content_type="text/csv")
@blueprint.arguments(RosterQuerySchema, location="query")
def own_roster_file(actor: Actor, query: dict[str, Any], row_id: int) -> Response:
    """The same for a spreadsheet."""
    return _file(actor, query, row_id)


def _page(actor: Actor, query: dict[str, Any], section_id: int) -> dict[str, Any]:
    limit, after = query["limit"], read_number_cursor(query["cursor"]) or 0
    rows = list_roster(services(), actor, section_id, state=query["state"], after=after, limit=limit + 1)
    return roster_page_of(rows, limit)


def _file(actor: Actor, query: dict[str, Any], section_id: int) -> Response:
    entries = whole_roster(services(), actor, section_id, state=query["state"])
    return roster_file_of(entries, f"section-{section_id}", check_in=False)
