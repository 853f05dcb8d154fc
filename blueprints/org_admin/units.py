"""The four levels as managed resources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marshmallow import Schema

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.org.units.creating import create_unit
from app.org.units.deleting import Uses, delete_unit
from app.org.units.editing import edit_unit
from app.org.units.levels import CLASS, Level
from app.org.units.listing import UnitFilter, UnitView, list_units, managed_unit
from blueprints.context import services
from blueprints.crud import After, Resource
from blueprints.paging import read_number_cursor


def unit_resource(
    level: Level,
    uses: Uses,
    *,
    item: type[Schema],
    page: Schema,
    query: type[Schema],
    new: type[Schema],
    changes: type[Schema],
) -> Resource:
    """The resource of one level; `uses` counts what the domains above hang on a unit."""

    def listed(actor: Actor, filters: dict[str, Any], after: After, limit: int) -> Sequence[UnitView]:
        beyond = read_number_cursor(after) or 0
        return list_units(services(), actor, level, _filter(filters), after=beyond, limit=limit)

    return Resource(
        name=level.name,
        permission=Permission.ORG_MANAGE,
        item=item,
        page=page,
        query=query,
        new=new,
        changes=changes,
        listed=listed,
        found=lambda actor, unit_id: managed_unit(services(), actor, level, unit_id),
        created=lambda actor, body: create_unit(services(), actor, level, body),
        edited=lambda actor, unit_id, body, version: edit_unit(
            services(), actor, level, unit_id, body, version=version
        ),
        deleted=lambda actor, unit_id: delete_unit(services(), actor, level, unit_id, uses=uses),
        document=lambda view: unit_document(level, view),
        after=lambda view: (view.unit.id,),
        refused="class_taken" if level is CLASS else "name_taken",
    )


def unit_document(level: Level, view: UnitView) -> dict[str, Any]:
    """A unit with the ids and names of those above it."""
    unit = view.unit
    document = {"id": str(unit.id), "name": unit.name, "version": unit.version}
    for name, one in view.above.items():
        document |= {f"{name}_id": str(one.id), name: one.name}
    if level is CLASS:
        document |= {"grade": unit.grade, "class_no": unit.class_no}
        document |= {"graduation_credits": float(unit.graduation_credits)}
    return document


def _filter(filters: dict[str, Any]) -> UnitFilter:
    within = [(name, filters.get(f"{name}_id")) for name in ("college", "department", "major")]
    found = tuple((name, unit_id) for name, unit_id in within if unit_id is not None)
    return UnitFilter(q=filters["q"], within=found, grade=filters.get("grade"))
