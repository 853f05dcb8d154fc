"""The body of a claim: `{}` or `{"waitlist": false}`. Read by hand: it is on the hot path."""

from __future__ import annotations

from typing import Any

from flask import request
from webargs.core import missing

from app.errors import InvalidInputError
from blueprints.json import json_body

_NO_LENGTH = frozenset({"", "0"})


def wants_waitlist() -> bool:
    """Whether a place in the line will do; it will when nothing is said. Raises InvalidInputError."""
    environ = request.environ
    if environ.get("CONTENT_LENGTH", "0") in _NO_LENGTH and "HTTP_TRANSFER_ENCODING" not in environ:
        return True
    body: Any = json_body(request)
    if body is missing:
        return True
    if not isinstance(body, dict) or not isinstance(body.get("waitlist", True), bool):
        raise InvalidInputError(errors={"waitlist": ["Not a valid boolean."]})
    if body.keys() - {"waitlist"}:
        raise InvalidInputError(errors={name: ["Unknown field."] for name in sorted(body.keys() - {"waitlist"})})
    return bool(body.get("waitlist", True))
