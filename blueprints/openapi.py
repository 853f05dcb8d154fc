"""OpenAPI 3.1: flask-smorest with our error documents, and decorators that document without wrapping the view."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from http import HTTPStatus
from typing import Any, TypeVar

import flask_smorest
from flask import Flask

from blueprints.converters import IdConverter, id_schema
from blueprints.errors import MEDIA_TYPE
from blueprints.json import BodyParser

View = TypeVar("View", bound=Callable[..., Any])

# What any operation may answer, whoever asks.
_ALWAYS = frozenset({500, 503})
_WITH_BODY = frozenset({400, 413, 415, 422})

_TEXT = {"type": "string"}
PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457. `code` is stable, `detail` is a sentence for people; more members depend on the code.",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "code": _TEXT,
        "request_id": _TEXT,
        "errors": {"type": "object", "description": "With code invalid_input: what is wrong, by field."},
        "claim_id": {
            **_TEXT,
            "format": "uuid",
            "description": "With already_claimed, duplicate_course, timetable_clash: the claim that stands against it; "
            "with outcome_unknown: one's own.",
        },
        "state": {**_TEXT, "description": "Of `claim_id`, with the first three of these codes."},
        "offering_id": {**_TEXT, "description": "With duplicate_course, timetable_clash: what that claim is on."},
    },
}


class Api(flask_smorest.Api):  # type: ignore[misc]
    """Rendering errors is blueprints.errors' work; a catch-all "default" response would hide undocumented ones."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        pass


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """flask-smorest's blueprint, typed, with the problems of every operation in its document."""

    ARGUMENTS_PARSER = BodyParser()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._prepare_doc_cbks.append(_document_problems)

    def route(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Register a view and its document. Goes on top of the other decorators."""
        decorator: Callable[[View], View] = super().route(rule, **options)
        return decorator

    def arguments(self, schema: Any, **options: Any) -> Callable[[View], View]:
        """Parse and validate query or body by a marshmallow schema; passes one positional argument."""
        decorator: Callable[[View], View] = super().arguments(_once(schema), **options)
        return decorator

    def response(self, status_code: int, schema: Any = None, **options: Any) -> Callable[[View], View]:
        """Dump the returned object by a marshmallow schema. See `answers` for the fast way."""
        decorator: Callable[[View], View] = super().response(status_code, schema, **options)
        return decorator


def problems(*statuses: int) -> Callable[[View], View]:
    """Document the error statuses that an operation can give, beyond 500, 503 and those of a body."""

    def decorator(view: View) -> View:
        doc = _own_doc(view)
        doc["problems"] = doc.get("problems", frozenset()) | frozenset(statuses)
        return view

    return decorator


def answers(
    status: int,
    schema: Any = None,
    description: str | None = None,
    *,
    content_type: str | None = None,
    headers: dict[str, Any] | None = None,
) -> Callable[[View], View]:
    """Document a success without touching what the view returns (a dict, a Response, or a tuple of Flask's)."""

    def decorator(view: View) -> View:
        doc = _own_doc(view)
        entry: dict[str, Any] = {"description": description or HTTPStatus(status).phrase, "content_type": content_type}
        if schema is not None:
            entry["schema"] = schema() if isinstance(schema, type) else schema
        if headers:
            entry["headers"] = headers
        doc.setdefault("response", {}).setdefault("responses", {}).setdefault(status, []).append(entry)
        doc.setdefault("success_status_codes", []).append(status)
        return view

    return decorator


def _once(schema: Any) -> Any:
    """An instance: given a class, webargs makes one for every request, which copies all its fields."""
    return schema() if isinstance(schema, type) else schema


def accepts(schema: Any, *, location: str = "json", required: bool = True) -> Callable[[View], View]:
    """Document parameters or a body that the view reads by itself (with `blueprints.json.json_body`)."""

    def decorator(view: View) -> View:
        entry = {"in": location, "required": required, "schema": schema}
        _own_doc(view).setdefault("arguments", {}).setdefault("parameters", []).append(entry)
        return view

    return decorator


def uploads(form: dict[str, Any]) -> Callable[[View], View]:
    """Document a form with a file, which the view reads by itself."""

    def decorator(view: View) -> View:
        body = {"required": True, "content": {"multipart/form-data": {"schema": form}}}
        _own_doc(view).setdefault("manual_doc", {})["requestBody"] = body
        return view

    return decorator


def needs_token(view: View) -> View:
    """Document that the operation wants a bearer token, and what it says without one."""
    _own_doc(view).setdefault("manual_doc", {})["security"] = [{"bearer": []}]
    return problems(401)(view)


def _own_doc(view: Any) -> dict[str, Any]:
    """The view's document; functools.wraps shares it with the function beneath, so copy before writing."""
    view._apidoc = deepcopy(getattr(view, "_apidoc", {}))
    doc: dict[str, Any] = view._apidoc
    return doc


def _document_problems(
    doc: dict[str, Any], doc_info: dict[str, Any], *, api: Any, spec: Any, **_: Any
) -> dict[str, Any]:
    statuses = set(doc_info.get("problems", ())) | _ALWAYS
    if "requestBody" in doc:
        statuses |= _WITH_BODY
    if any(isinstance(one, dict) and one.get("in") == "query" for one in doc.get("parameters", [])):
        statuses.add(422)
    responses = doc.setdefault("responses", {})
    for status in statuses:
        # A text is flask-smorest's own reference to its error shape; a dict is what the view documented by itself.
        if not isinstance(responses.get(status), dict):
            responses[status] = f"problem_{status}"
    return doc


def make_api(app: Flask) -> Api:
    """The Api, with the problem and security components; blueprints are registered by the factory."""
    app.config.update(
        API_TITLE="Seatrush",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api",
        OPENAPI_JSON_PATH="openapi.json",
    )
    app.url_map.converters["id"] = IdConverter
    api = Api(app)
    api.register_converter(IdConverter, id_schema)
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    api.spec.components.schema("Problem", PROBLEM_SCHEMA)
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status in HTTPStatus:
        if status >= 400:
            api.spec.components.response(
                f"problem_{status.value}", {"description": status.phrase, "content": content}, lazy=True
            )
    return api
