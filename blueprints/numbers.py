"""Decimal numbers on the wire: credits and scores, with one decimal, never a float inside."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields

# What DECIMAL(4,1) holds.
MOST_CREDITS = "999.9"


class Tenths(fields.Decimal):
    """A number from 0 to `most` with at most one decimal. (A Range of decimals could not be written as JSON.)"""

    def __init__(self, most: str = MOST_CREDITS, **options: Any) -> None:
        options.setdefault("metadata", {}).update({"minimum": 0, "maximum": float(most)})
        super().__init__(**options)
        self._most = Decimal(most)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Decimal:
        if isinstance(value, bool):
            raise self.make_error("invalid")
        number: Decimal = super()._deserialize(value, attr, data)
        if not 0 <= number <= self._most or number * 10 % 1:
            raise ValidationError(f"Between 0 and {self._most}, with one decimal.")
        return number
