"""Shapes of the system answers, for the document only."""

from __future__ import annotations

from typing import ClassVar

from marshmallow import Schema, fields, validate

_STATE = validate.OneOf(["up", "slow", "down"])


class HealthSchema(Schema):
    status = fields.String(required=True, validate=validate.Equal("ok"))


class ReadinessSchema(Schema):
    status = fields.String(required=True, validate=validate.OneOf(["ready", "degraded", "unavailable"]))
    dependencies = fields.Dict(keys=fields.String(), values=fields.String(validate=_STATE), required=True)
    breakers = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class TimeSchema(Schema):
    class Meta:
        ordered: ClassVar[bool] = True

    now = fields.AwareDateTime(required=True, metadata={"description": "RFC 3339, campus time zone"})
    epoch_ms = fields.Integer(required=True)
