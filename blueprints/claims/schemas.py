"""Shapes of claims, for the document and for query parameters."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

STATES = ["pending", "confirmed", "waitlisted", "rejected", "cancelled", "expired", "unknown"]


KINDS = ["lecture", "section"]
ACTIONS = ["book", "swap", "cancel"]
MOST_AT_ONCE = 20
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


class Listed(fields.Field[list[str]]):
    """ "a,b,c": 1 to `most` words in a query, each of the form `word`."""

    def __init__(self, word: str, most: int, **options: Any) -> None:
        self._pattern = f"^{word}(,{word}){{0,{most - 1}}}$"
        super().__init__(metadata={"type": "string", "pattern": self._pattern}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> list[str]:
        if not isinstance(value, str) or not re.fullmatch(self._pattern, value, re.ASCII):
            raise ValidationError("A list with commas, not too long.")
        return value.split(",")


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
    """What an unknown claim id was derived from, so that it can be shown to be the caller's own. Not to be refused: what
    proves nothing is left aside, and the answer about a claim that is known does not need it."""

    kind = fields.String(metadata={"description": "lecture or section"})
    offering_id = fields.String()
    action = fields.String(load_default="book", metadata={"description": "book, swap or cancel"})


class KeySchema(Schema):
    idempotency_key = fields.String(
        required=True,
        data_key="Idempotency-Key",
        validate=validate.Regexp(r"^[\x21-\x7e]{1,128}$"),
        metadata={"description": "Made once per intention by the client and kept over retries and reloads"},
    )


class OptionalKeySchema(Schema):
    idempotency_key = fields.String(data_key="Idempotency-Key")


class BatchSchema(Schema):
    """Several claims; what their ids were derived from, in the same order, shows unknown ones to be the caller's own."""

    ids = Listed(UUID, MOST_AT_ONCE, required=True)
    kind = fields.String(load_default="section", validate=validate.OneOf(KINDS))
    offering_ids = Listed(r"[0-9]{1,19}", MOST_AT_ONCE, load_default=None)
    action = fields.String(validate=validate.OneOf(ACTIONS), load_default="book")


class BatchAnswerSchema(Schema):
    items = fields.List(fields.Nested(ClaimSchema), required=True)


class PageSchema(Schema):
    kind = fields.String(load_default=None, validate=validate.OneOf(KINDS))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))
    cursor = fields.String(validate=validate.Regexp(r"^\d{1,19}-[0-9a-f-]{36}$"))


class ClaimBodySchema(Schema):
    waitlist = fields.Boolean(
        load_default=True, metadata={"description": "Take a place in the waiting list when no seat is left"}
    )
