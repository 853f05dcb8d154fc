"""Shapes of check-in."""

from __future__ import annotations

from marshmallow import Schema, fields

from blueprints.moments import Text


class TicketInputSchema(Schema):
    ticket = Text(200, required=True, metadata={"description": "As scanned, or the eight characters of its door code"})


class CheckInSchema(Schema):
    claim_id = fields.UUID(required=True)
    student_no = fields.String(required=True)
    display_name = fields.String(required=True)
    lecture_id = fields.String(required=True)
    title = fields.String(required=True)
    checked_in_at = fields.AwareDateTime(required=True)
    repeated = fields.Boolean(required=True, metadata={"description": "It had been scanned before, at checked_in_at"})
