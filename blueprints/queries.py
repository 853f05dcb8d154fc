"""Queries of pages that everybody asks for in the same words: what they mean is worked out once."""

from __future__ import annotations

from typing import Any

from flask import request
from marshmallow import Schema

from blueprints.json import BodyParser

_PARSER = BodyParser()
_MOST = 1024


class KnownQuery:
    """`read()` gives the request's query as `schema` loads it, without marshmallow for one that was good before.

    The view documents it with `accepts(schema, location="query")`. Raises webargs' 422 as `arguments` does.
    """

    def __init__(self, schema: type[Schema]) -> None:
        self._schema = schema()
        self._known: dict[str, dict[str, Any]] = {}

    def read(self) -> dict[str, Any]:
        asked = request.environ.get("QUERY_STRING", "")
        found = self._known.get(asked)
        if found is None:
            found = _PARSER.parse(self._schema, request, location="query")
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[asked] = found
        return dict(found)
