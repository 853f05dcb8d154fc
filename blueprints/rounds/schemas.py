"""Shapes of a round with what is a student's own."""

from __future__ import annotations

from marshmallow import Schema, fields

from blueprints.catalogue.schemas import RoundSchema


class PersonalSchema(Schema):
    not_before = fields.AwareDateTime(required=True, metadata={"description": "The round's opening, or a later ticket"})
    hold = fields.String(required=True, allow_none=True, metadata={"description": "Why nothing may be chosen"})


class RoundDetailSchema(RoundSchema):
    my = fields.Nested(PersonalSchema, required=True, allow_none=True)
