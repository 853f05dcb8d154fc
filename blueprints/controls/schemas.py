"""Shapes of the operator settings on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields

from blueprints.moments import Text, Whole
from blueprints.paging import page_of

_ANY = {"description": "By kind: an integer, a boolean, or {zh, en}"}
_MOST_VERSIONS = 2**31 - 2


class ControlSchema(Schema):
    key = fields.String(required=True)
    kind = fields.String(required=True, metadata={"description": "number | switch | notice"})
    label = fields.String(required=True)
    value = fields.Raw(required=True, metadata=_ANY)
    default = fields.Raw(required=True, metadata=_ANY)
    bounds = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    version = fields.Integer(required=True, metadata={"description": "0: never changed"})
    changed_at = fields.AwareDateTime(required=True, allow_none=True)
    changed_by = fields.String(required=True, allow_none=True)


class ControlListSchema(Schema):
    items = fields.List(fields.Nested(ControlSchema), required=True)


class ControlChangeSchema(Schema):
    version = fields.Integer(required=True)
    old = fields.Raw(required=True, metadata=_ANY)
    new = fields.Raw(required=True, metadata=_ANY)
    reason = fields.String(required=True)
    account_id = fields.String(required=True)
    username = fields.String(required=True)
    at = fields.AwareDateTime(required=True)


class ControlInputSchema(Schema):
    value = fields.Raw(required=True, allow_none=False, metadata=_ANY)
    version = Whole(0, _MOST_VERSIONS, required=True)
    reason = Text(500, required=True)


CONTROL_HISTORY = page_of("ControlHistory", ControlChangeSchema)
