"""Ids in URLs: decimal text of a 64-bit number. Anything else is nobody's id, hence 404."""

from __future__ import annotations

from werkzeug.routing import BaseConverter

LARGEST = 2**63 - 1


class IdConverter(BaseConverter):
    """`<id:lecture_id>` gives an int; 0, which is nobody's, for what no column can hold."""

    regex = "[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        number = int(value)
        return number if number <= LARGEST else 0


def id_schema(_: IdConverter) -> dict[str, str]:
    """How OpenAPI shows it: ids are strings."""
    return {"type": "string", "pattern": "^[0-9]{1,19}$"}
