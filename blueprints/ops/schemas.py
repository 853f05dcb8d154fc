"""Shapes of the operations endpoints."""

from __future__ import annotations

from marshmallow import Schema, fields, validate


class BucketSchema(Schema):
    """The global token bucket of admission: claims per second, and how many may come at once."""

    rate = fields.Integer(required=True, strict=True, validate=validate.Range(0, 1_000_000))
    burst = fields.Integer(required=True, strict=True, validate=validate.Range(0, 1_000_000))


class RedisSchema(Schema):
    epoch = fields.Integer(required=True)
    pending = fields.Integer(required=True)
    oldest_pending_ms = fields.Integer(required=True, allow_none=True)


class OverviewSchema(Schema):
    breakers = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    redis = fields.Nested(RedisSchema, required=True, allow_none=True)
    queues = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True, allow_none=True)
    outbox_open = fields.Integer(required=True, allow_none=True)
    zookeeper_connected = fields.Boolean(required=True)
    spool_empty = fields.Boolean(required=True)


class RedriveSchema(Schema):
    driven = fields.Integer(required=True)
    kept = fields.Integer(required=True)


class RebuildSchema(Schema):
    epoch = fields.Integer(required=True)
