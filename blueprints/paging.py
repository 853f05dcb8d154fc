"""Lists: `limit` and `cursor` in, `{items, next_cursor}` out. A cursor is opaque to clients."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from marshmallow import Schema, ValidationError, fields, validate

from app.errors import InvalidInputError
from blueprints.converters import LARGEST
from blueprints.moments import EARLIEST, LATEST

MOST = 200

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


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


def moment_cursor(moment: datetime, row_id: int) -> str:
    """The cursor of a list that sorts by a time and an id."""
    return make_cursor((moment - _EPOCH) // _MICROSECOND, row_id)


def read_moment_cursor(values: list[Any] | None) -> tuple[datetime, int] | None:
    """(time, id) to go on after. Raises InvalidInputError for what is no cursor of such a list."""
    if values is None:
        return None
    if len(values) != 2 or not all(type(one) is int for one in values):
        raise _bad_cursor()
    micros, row_id = values
    if not 0 <= row_id <= LARGEST or not 0 <= micros <= (LATEST - EARLIEST) // _MICROSECOND:
        raise _bad_cursor()
    return _EPOCH + micros * _MICROSECOND, row_id


def read_number_cursor(values: list[Any] | None, most: int = LARGEST) -> int | None:
    """The number to go on after, from 0 to `most`. Raises InvalidInputError for what is no cursor of such a list."""
    if values is None:
        return None
    if len(values) != 1 or type(values[0]) is not int or not 0 <= values[0] <= most:
        raise _bad_cursor()
    return int(values[0])


def read_text_cursor(values: list[Any] | None, most: int = 64) -> str | None:
    """The name or number to go on after. Raises InvalidInputError for what is no cursor of such a list."""
    if values is None:
        return None
    if len(values) != 1 or not isinstance(values[0], str) or not _is_name(values[0], most):
        raise _bad_cursor()
    return values[0]


def _is_name(text: str, most: int) -> bool:
    return 1 <= len(text) <= most and text.isascii() and text.isprintable()


def _bad_cursor() -> InvalidInputError:
    return InvalidInputError(errors={"cursor": ["Not a cursor of this list."]})


def page_of(name: str, item: type[Schema]) -> Schema:
    """The schema of a page of items, for the document."""
    return Schema.from_dict(
        {
            "items": fields.List(fields.Nested(item), required=True),
            "next_cursor": fields.String(required=True, allow_none=True),
        },
        name=name,
    )()
