"""Shape of a ticket."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from blueprints.lectures.schemas import STATES


class TicketLectureSchema(Schema):
    id = fields.String(required=True)
    title = fields.String(required=True)
    speaker = fields.String(required=True)
    place = fields.String(required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))


class LectureTicketSchema(Schema):
    ticket = fields.String(required=True)
    door_code = fields.String(required=True, metadata={"description": "Its short form, to be typed at the door"})
    qr_svg = fields.String(required=True, metadata={"description": "The ticket as an SVG element"})
    claim_id = fields.UUID(required=True)
    lecture = fields.Nested(TicketLectureSchema, required=True)
    checked_in_at = fields.AwareDateTime(required=True, allow_none=True)
