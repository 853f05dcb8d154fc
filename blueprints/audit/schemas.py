"""Shapes of the audit log on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from app.audit.models import Side
from blueprints.ids import Id
from blueprints.moments import Moment, Text
from blueprints.paging import PageSchema, page_of

_SIDE = validate.OneOf([side.value for side in Side])


class LogQuerySchema(PageSchema):
    """`path` is its beginning; `from` belongs to the span, `to` does not."""

    side = fields.String(load_default=None, validate=_SIDE)
    account_id = Id(data_key="account", load_default=None)
    method = fields.String(load_default=None, validate=validate.Regexp("^[A-Z]{1,8}$"))
    path = Text(255, empty=True, load_default="")
    status = fields.Integer(load_default=None, validate=validate.Range(100, 599))
    since = Moment(data_key="from", load_default=None)
    until = Moment(data_key="to", load_default=None)
    request_id = fields.String(load_default=None, validate=validate.Regexp("^[0-9a-f]{16,64}$"))
    username = fields.String(load_default=None, validate=validate.Regexp(r"^[A-Za-z0-9._@-]{1,64}\Z"))
    claim_id = fields.UUID(data_key="claim", load_default=None, metadata={"description": "A decided claim"})


class RequestLogSchema(Schema):
    id = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    side = fields.String(required=True, validate=_SIDE)
    account_id = fields.String(required=True, allow_none=True)
    username = fields.String(
        required=True, allow_none=True, metadata={"description": "As given: a failed sign-in may name nobody"}
    )
    role = fields.String(required=True, allow_none=True)
    method = fields.String(required=True)
    path = fields.String(required=True)
    endpoint = fields.String(required=True, allow_none=True)
    status = fields.Integer(required=True)
    request_ip = fields.String(required=True)
    request_id = fields.String(required=True)
    request_body = fields.String(
        required=True, allow_none=True, metadata={"description": "Masked and cut; of what is not JSON, type and length"}
    )
    response_body = fields.String(required=True, allow_none=True)
    duration_ms = fields.Integer(required=True)


REQUEST_LOGS = page_of("RequestLogs", RequestLogSchema)
