"""GET /api/lectures/{id}/overlaps: what the signed-in student has at the time of a lecture."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from app.agenda.overlaps import Overlap
from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.catalogue.timetable import print_slot
from blueprints.agenda.blueprint import blueprint
from blueprints.auth.guards import requires
from blueprints.context import language, overlaps
from blueprints.moments import campus_time
from blueprints.openapi import answers, problems


class OverlapSchema(Schema):
    kind = fields.String(required=True, validate=validate.OneOf(("class", "exam", "lecture")))
    id = fields.String(required=True, metadata={"description": "Of the section or the lecture"})
    title = fields.String(required=True)
    when = fields.String(
        required=True, allow_none=True, metadata={"description": "Of a class: its weekday and periods in words"}
    )
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": "Null: an exam, whose length the course announces"}
    )


class OverlapsSchema(Schema):
    items = fields.List(fields.Nested(OverlapSchema), required=True)


@blueprint.route("/lectures/<id:lecture_id>/overlaps")
@requires(Permission.CLAIMS_OWN)
@problems(404)
@answers(200, OverlapsSchema)
def lecture_overlaps(actor: Actor, lecture_id: int) -> dict[str, Any]:
    """One's own classes, exams and booked lectures at the same time, in order. They do not stand against a booking."""
    spoken = language()
    return {"items": [_document(one, spoken) for one in overlaps().of(actor, lecture_id)]}


def _document(one: Overlap, spoken: str) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "id": str(one.id),
        "title": one.title,
        "when": None if one.slot is None else print_slot(one.slot, spoken),
        "starts_at": campus_time(one.starts_at),
        "ends_at": campus_time(one.ends_at),
    }
