"""JSON by orjson, both ways."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Request, Response
from flask.json.provider import JSONProvider
from webargs.core import is_json, missing
from webargs.flaskparser import FlaskParser

from blueprints.problems import MalformedJsonError, UnsupportedMediaTypeError

_OPTIONS = orjson.OPT_NON_STR_KEYS


class OrjsonProvider(JSONProvider):
    """Times are written as RFC 3339 with offset, which is orjson's own way."""

    def dumps(self, obj: Any, **_: Any) -> str:
        return orjson.dumps(obj, option=_OPTIONS).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        dumped = orjson.dumps(self._prepare_response_obj(args, kwargs), option=_OPTIONS)
        return Response(dumped, mimetype="application/json")


def json_body(request: Request) -> Any:
    """The body as JSON; webargs' `missing` when there is none.

    Raises UnsupportedMediaTypeError for a body of another type, MalformedJsonError for one that does not parse.
    """
    body = request.get_data(cache=True)
    if not body:
        return missing
    if not is_json(request.mimetype):
        raise UnsupportedMediaTypeError
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedJsonError from error


class BodyParser(FlaskParser):
    """webargs' parser, strict about the media type."""

    def _raw_load_json(self, req: Request) -> Any:
        return json_body(req)
