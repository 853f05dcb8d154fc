"""GET /api/courses …: public."""

from __future__ import annotations

from typing import Any

from app.catalogue.courses import CourseFilter, course_facets, list_courses, public_course
from blueprints.catalogue.blueprint import blueprint
from blueprints.catalogue.presenting import course_document, section_document
from blueprints.catalogue.schemas import COURSES, CourseQuerySchema, FacetsSchema, TermQuerySchema
from blueprints.catalogue.section_schemas import CourseDetailSchema
from blueprints.context import services
from blueprints.openapi import answers, problems
from blueprints.paging import make_cursor, read_text_cursor


@blueprint.route("/courses")
@answers(200, COURSES)
@blueprint.arguments(CourseQuerySchema, location="query")
def courses(query: dict[str, Any]) -> dict[str, Any]:
    """All courses, by code."""
    after, limit = read_text_cursor(query.pop("cursor"), 10), query.pop("limit")
    views = list_courses(services(), CourseFilter(**query), after=after, limit=limit + 1)
    more = make_cursor(views[limit - 1].course.code) if len(views) > limit else None
    return {"items": [course_document(view) for view in views[:limit]], "next_cursor": more}


@blueprint.route("/courses/facets")
@answers(200, FacetsSchema)
def facets() -> dict[str, Any]:
    """The categories and general types that courses can be narrowed to."""
    found = course_facets(services())
    return {"categories": list(found.categories), "general_types": list(found.general_types)}


@blueprint.route("/courses/<id:course_id>")
@problems(404)
@answers(200, CourseDetailSchema)
@blueprint.arguments(TermQuerySchema, location="query")
def course(query: dict[str, Any], course_id: int) -> dict[str, Any]:
    """One course, what must be passed before it, and its sections of a term."""
    found = public_course(services(), course_id, query["term_id"])
    return {
        **course_document(found.view),
        "prerequisites": [course_document(one) for one in found.prerequisites],
        "sections": [section_document(one) for one in found.sections],
    }
