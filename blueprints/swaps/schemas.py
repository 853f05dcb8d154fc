"""The body of a swap."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from blueprints.ids import Id


class SwapSchema(Schema):
    drop = Id(required=True, metadata={"description": "The section that is given up: a seat, or a place in its line"})
    take = Id(required=True, metadata={"description": "The section that a seat is taken in"})
    waitlist = fields.Boolean(
        load_default=False,
        validate=validate.Equal(False),
        metadata={"description": "A swap never waits: whoever gets no seat keeps what he has"},
    )

    @validates_schema
    def _two_sections(self, data: dict[str, Any], **_: Any) -> None:
        if data["drop"] == data["take"]:
            raise ValidationError({"take": ["Must be another section than the one to drop."]})
