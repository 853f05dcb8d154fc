"""Lists: `limit` and `cursor` in, `{items, next_cursor}` out. A cursor is opaque to clients."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import orjson
from marshmallow import Schema, ValidationError, fields, validate

MOST = 200


class Cursor(fields.Field[list[Any]]):
    """Reads a cursor into the list of values it was made from."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> list[Any]:
        try:
            values = orjson.loads(base64.urlsafe_b64decode(str(value).encode("ascii")))
        except (ValueError, binascii.Error) as error:
            raise ValidationError("Not a cursor of this list.") from error
        if not isinstance(values, list):
            raise ValidationError("Not a cursor of this list.")
        return values


class PageSchema(Schema):
    """Query parameters of every list; a list with filters inherits from it."""

    limit = fields.Integer(load_default=50, validate=validate.Range(1, MOST))
    cursor = Cursor(load_default=None, metadata={"type": "string"})


def make_cursor(*values: Any) -> str:
    """A cursor that says: go on after the row with these sort values."""
    return base64.urlsafe_b64encode(orjson.dumps(list(values))).decode()


def page_of(name: str, item: type[Schema]) -> Schema:
    """The schema of a page of items, for the document."""
    return Schema.from_dict(
        {
            "items": fields.List(fields.Nested(item), required=True),
            "next_cursor": fields.String(required=True, allow_none=True),
        },
        name=name,
    )()
