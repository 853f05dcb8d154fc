"""GET /api/me/lectures: the lectures of a term that the signed-in student has booked or waits for."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from app.auth.actor import Actor
from app.auth.permissions import Permission
from blueprints.agenda.blueprint import blueprint
from blueprints.auth.guards import requires
from blueprints.context import booked_lectures
from blueprints.enrolments.schemas import EnrolmentsQuerySchema
from blueprints.lectures.presenting import lecture_brief
from blueprints.openapi import accepts, answers, problems
from blueprints.queries import KnownQuery
from blueprints.tickets.schemas import TicketLectureSchema

_QUERY = KnownQuery(EnrolmentsQuerySchema)


class BookedLectureSchema(Schema):
    lecture = fields.Nested(TicketLectureSchema, required=True)
    claim_id = fields.UUID(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("confirmed", "waitlisted")))


class BookedLecturesSchema(Schema):
    items = fields.List(fields.Nested(BookedLectureSchema), required=True)


@blueprint.route("/me/lectures")
@requires(Permission.CLAIMS_OWN)
@problems(404)
@answers(200, BookedLecturesSchema)
@accepts(EnrolmentsQuerySchema, location="query", required=False)
def my_lectures(actor: Actor) -> dict[str, Any]:
    """Lectures with a seat or a place in the line that take place within a term's weeks, the soonest first."""
    query = _QUERY.read()
    found = booked_lectures().in_term(actor, query["term"] if query["term_id"] is None else query["term_id"])
    return {
        "items": [
            {"lecture": lecture_brief(one.lecture), "claim_id": one.claim_id, "state": one.state} for one in found
        ]
    }
