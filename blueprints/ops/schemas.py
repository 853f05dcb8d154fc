"""Shapes of the operations endpoints."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from blueprints.ops.status_schemas import RECONCILED


class BucketSchema(Schema):
    """The global token bucket of admission: claims per second, and how many may come at once."""

    rate = fields.Integer(required=True, strict=True, validate=validate.Range(0, 1_000_000))
    burst = fields.Integer(required=True, strict=True, validate=validate.Range(0, 1_000_000))


class ReasonSchema(Schema):
    """Why: kept in the request log, with who and when. The pages ask for it; a script need not say."""

    reason = fields.String(load_default="", validate=validate.Length(max=255))


class BucketChangeSchema(BucketSchema):
    """`reason` is kept in the request log."""

    reason = fields.String(validate=validate.Length(max=255))


class RedriveRequestSchema(ReasonSchema):
    id = fields.String(
        allow_none=True, validate=validate.Length(1, 64), metadata={"description": "One letter's; all without."}
    )


class DeadClaimSchema(Schema):
    claim_id = fields.String(required=True)
    kind = fields.String(required=True)
    action = fields.String(required=True)
    offering_id = fields.String(required=True)
    user_id = fields.String(required=True)


class DeadLetterSchema(Schema):
    id = fields.String(required=True)
    reason = fields.String(required=True, metadata={"description": "What the settling transaction said."})
    claims = fields.List(fields.Nested(DeadClaimSchema), required=True)
    text = fields.String(required=True, metadata={"description": "The beginning of a message that is no claim."})


class DeadLettersSchema(Schema):
    items = fields.List(fields.Nested(DeadLetterSchema), required=True)


class DeadLettersQuerySchema(Schema):
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class RedriveSchema(Schema):
    driven = fields.Integer(required=True)
    kept = fields.Integer(required=True)


class RebuildSchema(Schema):
    epoch = fields.Integer(required=True)


class WriteOffSchema(Schema):
    host = fields.String(required=True)
    written_off_at = fields.AwareDateTime(required=True)


class DifferenceSchema(Schema):
    """One pool, with what each side says is left and waits."""

    kind = fields.String(required=True)
    offering_id = fields.String(required=True)
    pool = fields.String(required=True)
    redis_left = fields.Integer(required=True)
    redis_waiting = fields.Integer(required=True)
    mariadb_left = fields.Integer(required=True)
    mariadb_waiting = fields.Integer(required=True)


class ComparisonSchema(Schema):
    compared = fields.Boolean(required=True, metadata={"description": RECONCILED})
    offerings = fields.Integer(required=True)
    differing = fields.Integer(required=True)
    differences = fields.List(fields.Nested(DifferenceSchema), required=True, metadata={"description": "The first 20."})
