"""Shapes of claims, for the document and for query parameters."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

STATES = ["pending", "confirmed", "waitlisted", "rejected", "cancelled", "expired", "unknown"]


class AcceptedSchema(Schema):
    claim_id = fields.UUID(required=True)
    state = fields.String(required=True, validate=validate.Equal("pending"))
    sequence = fields.Integer(required=True, allow_none=True)
    status_url = fields.String(required=True)


class ClaimSchema(Schema):
    claim_id = fields.UUID(required=True)
    kind = fields.String(required=True, allow_none=True)
    action = fields.String(required=True, allow_none=True)
    offering_id = fields.String(required=True, allow_none=True)
    offering_title = fields.String(required=True, allow_none=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    reason = fields.String(required=True, allow_none=True)
    position = fields.Integer(required=True, allow_none=True)
    sequence = fields.Integer(required=True, allow_none=True)
    version = fields.Integer(required=True)
    admitted_at = fields.AwareDateTime(required=True, allow_none=True)
    decided_at = fields.AwareDateTime(required=True, allow_none=True)
    target_claim_id = fields.UUID(required=True, allow_none=True)


class ClaimPageSchema(Schema):
    items = fields.List(fields.Nested(ClaimSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class ProofSchema(Schema):
    """What an unknown claim id was derived from, so that it can be shown to be the caller's own."""

    kind = fields.String(validate=validate.OneOf(["lecture", "section"]))
    offering_id = fields.String(validate=validate.Regexp(r"^\d{1,19}$"))
    action = fields.String(validate=validate.OneOf(["book", "swap", "cancel"]), load_default="book")


class KeySchema(Schema):
    idempotency_key = fields.String(
        required=True,
        data_key="Idempotency-Key",
        validate=validate.Regexp(r"^[\x21-\x7e]{8,128}$"),
        metadata={"description": "Made once per intention by the client and kept over retries and reloads"},
    )


class OptionalKeySchema(Schema):
    idempotency_key = fields.String(data_key="Idempotency-Key")


class PageSchema(Schema):
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))
    cursor = fields.String(validate=validate.Regexp(r"^\d{1,19}-[0-9a-f-]{36}$"))


class ClaimBodySchema(Schema):
    waitlist = fields.Boolean(
        load_default=True, metadata={"description": "Take a place in the waiting list when no seat is left"}
    )
