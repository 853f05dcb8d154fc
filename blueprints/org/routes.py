"""GET /api/org/colleges, /api/org/classes: public, for the filters of the lists."""

from __future__ import annotations

from typing import Any

from app.org.queries import ClassInfo, list_classes, list_colleges
from blueprints.context import services
from blueprints.openapi import Blueprint, answers
from blueprints.org.schemas import CLASSES, COLLEGES, ClassQuerySchema
from blueprints.paging import PageSchema, make_cursor, read_number_cursor

blueprint = Blueprint("org", __name__, url_prefix="/api/org", description="Colleges and classes")


@blueprint.route("/colleges")
@answers(200, COLLEGES)
@blueprint.arguments(PageSchema, location="query")
def colleges(query: dict[str, Any]) -> dict[str, Any]:
    """Every college, by id."""
    limit = query["limit"]
    with services().breakers.guard("database"), services().db.reading() as session:
        rows = list_colleges(session, after=read_number_cursor(query["cursor"]) or 0, limit=limit + 1)
    items = [{"id": str(college_id), "name": name} for college_id, name in rows[:limit]]
    return {"items": items, "next_cursor": make_cursor(rows[limit - 1][0]) if len(rows) > limit else None}


@blueprint.route("/classes")
@answers(200, CLASSES)
@blueprint.arguments(ClassQuerySchema, location="query")
def classes(query: dict[str, Any]) -> dict[str, Any]:
    """Classes, by id; of one college with `college_id`."""
    limit = query["limit"]
    college_id = int(query["college_id"]) if query["college_id"] else None
    with services().breakers.guard("database"), services().db.reading() as session:
        rows = list_classes(
            session, college_id=college_id, after=read_number_cursor(query["cursor"]) or 0, limit=limit + 1
        )
    next_cursor = make_cursor(rows[limit - 1].id) if len(rows) > limit else None
    return {"items": [_class(row) for row in rows[:limit]], "next_cursor": next_cursor}


def _class(row: ClassInfo) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "name": row.name,
        "grade": row.grade,
        "college_id": str(row.college_id),
        "college": row.college,
        "department": row.department,
        "major": row.major,
    }
