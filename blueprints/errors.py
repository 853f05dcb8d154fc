"""The one place that renders errors: RFC 9457 problem+json with a stable `code`."""

from __future__ import annotations

import logging
import math
from http import HTTPStatus
from typing import Any

import orjson
from flask import Flask, Response
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException

from app.errors import InvalidInputError, SeatrushError, UnavailableError
from app.extensions.breakers import DependencyDownError
from app.extensions.db import is_outage
from blueprints.context import language, request_id
from blueprints.lean import FinishedResponse
from blueprints.problems import BY_STATUS, MalformedJsonError, OtherHttpError

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
_RETRY_AFTER_OUTAGE = 2.0

# By (code, status, language): the document of an error without data, up to the request's id.
_PLAIN: dict[tuple[str, int, str], bytes] = {}


def register_error_handlers(app: Flask) -> None:
    """Render every exception that leaves a view."""
    app.register_error_handler(SeatrushError, render)
    app.register_error_handler(HTTPException, _on_http)
    app.register_error_handler(DBAPIError, _on_database)
    for outage in (PoolTimeoutError, DependencyDownError, RedisError):
        app.register_error_handler(outage, _on_outage)
    app.register_error_handler(Exception, _on_unexpected)


def problem(error: SeatrushError, status: int | None = None) -> dict[str, Any]:
    """The problem document of `error`, in the language of the request."""
    return {**error.told(language()), **_frame(error, status or error.status, language()), "request_id": request_id()}


def render(error: SeatrushError, status: int | None = None) -> Response:
    """The response for `error`."""
    status = status or error.status
    headers = [("Content-Type", MEDIA_TYPE), ("Content-Language", language()), ("Cache-Control", "no-store")]
    if error.retry_after is not None:
        headers.append(("Retry-After", str(max(1, math.ceil(error.retry_after)))))
    if status == HTTPStatus.UNAUTHORIZED:
        headers.append(("WWW-Authenticate", "Bearer"))
    return FinishedResponse(_document(error, status), status, headers)


def _document(error: SeatrushError, status: int) -> bytes:
    """Most answers of an opening minute are refusals that differ in nothing but the request's id (hex digits)."""
    if error.data:
        return orjson.dumps(problem(error, status), default=str, option=orjson.OPT_NON_STR_KEYS)
    key = (error.code, status, language())
    known = _PLAIN.get(key)
    if known is None:
        known = _PLAIN[key] = orjson.dumps(_frame(error, status, language()))[:-1] + b',"request_id":"'
    return known + request_id().encode() + b'"}'


def _frame(error: SeatrushError, status: int, spoken: str) -> dict[str, Any]:
    return {
        "type": f"/problems/{error.code}",
        "title": _title(status),
        "status": status,
        "detail": error.message(spoken),
        "code": error.code,
    }


def _title(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def _on_http(error: HTTPException) -> Response | HTTPException:
    """Flask, werkzeug and webargs: routing, parsing, validation."""
    if error.code is None or error.code < 400 or error.response is not None:
        return error
    if error.code >= 500:
        return _on_unexpected(error)
    response = render(_translate(error), error.code)
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def _translate(error: HTTPException) -> SeatrushError:
    messages = getattr(error, "data", {}).get("messages")
    if error.code == HTTPStatus.UNPROCESSABLE_ENTITY and isinstance(messages, dict):
        return InvalidInputError(errors=_by_field(messages))
    if error.code == HTTPStatus.BAD_REQUEST and messages:
        return MalformedJsonError()
    return BY_STATUS.get(error.code or 0, OtherHttpError)()


def _by_field(messages: dict[str, Any]) -> dict[str, Any]:
    """webargs groups by place ({"json": {field: [...]}}); a form needs them by field."""
    fields: dict[str, Any] = {}
    for place, found in messages.items():
        fields.update(found if isinstance(found, dict) else {place: found})
    return fields


def _on_database(error: DBAPIError) -> Response:
    return _on_outage(error) if is_outage(error) else _on_unexpected(error)


def _on_outage(error: Exception) -> Response:
    logger.warning("a dependency did not answer: %s", type(error).__name__, extra={"reason": str(error)[:300]})
    return render(UnavailableError(retry_after=_RETRY_AFTER_OUTAGE))


def _on_unexpected(error: Exception) -> Response:
    logger.error("unexpected error", exc_info=error)
    return render(SeatrushError())
