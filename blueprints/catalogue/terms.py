"""GET /api/terms: public."""

from __future__ import annotations

from typing import Any

from app.catalogue.term_views import TermView, list_terms
from app.catalogue.timetable import PERIODS
from blueprints.catalogue.blueprint import blueprint
from blueprints.catalogue.presenting import read_numbers
from blueprints.catalogue.schemas import TermPageSchema
from blueprints.context import services
from blueprints.openapi import answers
from blueprints.paging import PageSchema, make_cursor


@blueprint.route("/terms")
@answers(200, TermPageSchema)
@blueprint.arguments(PageSchema, location="query")
def terms(query: dict[str, Any]) -> dict[str, Any]:
    """Every term, the newest first, and when the campus's periods begin and end."""
    cursor, limit = read_numbers(query["cursor"], 1), query["limit"]
    views = list_terms(services(), before=cursor[0] if cursor else None, limit=limit + 1)
    return {
        "items": [term_document(view) for view in views[:limit]],
        "next_cursor": make_cursor(views[limit - 1].term.code) if len(views) > limit else None,
        "periods": period_documents(),
    }


def period_documents() -> list[dict[str, Any]]:
    """When the campus's periods begin and end."""
    return [
        {
            "number": one.number,
            "starts_at": one.starts_at.isoformat("minutes"),
            "ends_at": one.ends_at.isoformat("minutes"),
        }
        for one in PERIODS
    ]


def term_document(view: TermView) -> dict[str, Any]:
    """A term as the API shows it."""
    """The term document of docs/catalogue.md."""
    term = view.term
    return {
        "id": str(term.id),
        "code": term.code,
        "name": term.name,
        "starts_on": term.starts_on.isoformat(),
        "weeks": term.weeks,
        "teaching_free_days": term.teaching_free_days,
        "current": view.current,
        "selecting": view.selecting,
        "week": view.week,
    }
