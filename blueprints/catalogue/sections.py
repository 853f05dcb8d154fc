"""GET /api/sections …: public."""

from __future__ import annotations

from typing import Any

from app.catalogue.sections import SectionFilter, list_sections, public_section
from blueprints.catalogue.blueprint import blueprint
from blueprints.catalogue.presenting import read_numbers, section_detail, section_document
from blueprints.catalogue.section_schemas import SECTIONS, SectionDetailSchema, SectionQuerySchema
from blueprints.context import services
from blueprints.openapi import answers, problems
from blueprints.paging import make_cursor


@blueprint.route("/sections")
@problems(404)
@answers(200, SECTIONS)
@blueprint.arguments(SectionQuerySchema, location="query")
def sections(query: dict[str, Any]) -> dict[str, Any]:
    """Published sections of a term, by course and number."""
    cursor, limit, term_id = read_numbers(query.pop("cursor"), 2), query.pop("limit"), query.pop("term_id")
    mooc, free, apart_from = query.pop("mooc"), query.pop("free"), query.pop("apart_from")
    wanted = SectionFilter(
        **query,
        mooc=None if mooc is None else mooc == "true",
        free=free == "true",
        apart_from=tuple(int(one) for one in apart_from.split(",") if one),
    )
    after = (cursor[0], cursor[1]) if cursor else None
    views = list_sections(services(), term_id, wanted, after=after, limit=limit + 1)
    last = views[limit - 1].section if len(views) > limit else None
    return {
        "items": [section_document(view) for view in views[:limit]],
        "next_cursor": make_cursor(last.course_id, last.section_no) if last else None,
    }


@blueprint.route("/sections/<id:section_id>")
@problems(404)
@answers(200, SectionDetailSchema)
def section(section_id: int) -> dict[str, Any]:
    """One section: when and where it meets, who may take it, how many seats are left."""
    return section_detail(public_section(services(), section_id))
