"""Ids in queries and bodies: strings of digits on the wire, numbers inside. (In addresses: converters.py.)"""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate

from blueprints.converters import LARGEST

PATTERN = "^[0-9]{1,19}$"


class Id(fields.Field[int]):
    """The id of something; what no BIGINT can hold is refused."""

    def __init__(self, **options: Any) -> None:
        metadata = {**options.pop("metadata", {}), "type": "string", "pattern": PATTERN}
        super().__init__(metadata=metadata, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> int:
        number = read_id(value)
        if number is None:
            raise ValidationError("Not a valid id.")
        return number


def many_ids(most: int, **options: Any) -> fields.List[int]:
    """A list of at most `most` ids."""
    return fields.List(Id(), validate=validate.Length(max=most), **options)


def read_id(value: Any) -> int | None:
    """The number of an id on the wire; None for what is none."""
    if not isinstance(value, str) or not _is_digits(value) or int(value) > LARGEST:
        return None
    return int(value)


def _is_digits(value: str) -> bool:
    return 1 <= len(value) <= 19 and value.isascii() and value.isdigit()
