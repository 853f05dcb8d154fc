"""The five routes that every managed resource has: list, create, read, edit, delete.

They are written here once; what differs (fields, use cases, permission) is a `Resource`, so that the blueprints of
management read as tables of contents. Whatever a resource can do beyond these five is a view of its own beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, jsonify
from marshmallow import Schema

from app.auth.actor import Actor
from app.auth.permissions import Permission
from blueprints.auth.guards import requires
from blueprints.moments import Whole
from blueprints.openapi import Blueprint, answers, problems
from blueprints.paging import make_cursor

_LOCATION = {"Location": {"schema": {"type": "string"}}}

# The cursor's values as they came; the resource reads them.
After = list[Any] | None


class VersionSchema(Schema):
    """What every PATCH may say beside its changes."""

    version = Whole(
        1, 2**31 - 1, metadata={"description": "The version that was read; another one in force is a 409 conflict"}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One managed resource. Its functions get the Actor first; a `view` is what the domain gives back."""

    name: str
    permission: Permission
    item: type[Schema]
    page: Schema
    query: type[Schema]
    new: type[Schema]
    changes: type[Schema]
    listed: Callable[[Actor, dict[str, Any], After, int], Sequence[Any]]
    found: Callable[[Actor, int], Any]
    created: Callable[[Actor, dict[str, Any]], Any]
    edited: Callable[[Actor, int, dict[str, Any], int | None], Any]
    deleted: Callable[[Actor, int], None]
    document: Callable[[Any], dict[str, Any]]
    after: Callable[[Any], tuple[Any, ...]]
    refused: str = "conflict"
    # What the list may answer beside a page: 404 when it is narrowed to something that is not there.
    list_problems: tuple[int, ...] = ()


def serve(blueprint: Blueprint, path: str, one: Resource) -> None:
    """Hang the five views of `one` on the blueprint, at `path` and below."""
    _list(blueprint, path, one)
    _create(blueprint, path, one)
    _read(blueprint, path, one)
    _edit(blueprint, path, one)
    _delete(blueprint, path, one)


def _list(blueprint: Blueprint, path: str, one: Resource) -> None:
    def view(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
        after, limit = query.pop("cursor"), query.pop("limit")
        views = one.listed(actor, query, after, limit + 1)
        next_cursor = make_cursor(*one.after(views[limit - 1])) if len(views) > limit else None
        return {"items": [one.document(each) for each in views[:limit]], "next_cursor": next_cursor}

    view.__doc__ = f"The list of every {one.name}."
    told = problems(*one.list_problems)(answers(200, one.page)(blueprint.arguments(one.query, location="query")(view)))
    blueprint.route(path, endpoint=f"list_{one.name}")(requires(one.permission)(told))


def _create(blueprint: Blueprint, path: str, one: Resource) -> None:
    def view(actor: Actor, body: dict[str, Any]) -> Response:
        document = one.document(one.created(actor, body))
        response = jsonify(document)
        response.status_code = 201
        response.headers["Cache-Control"] = "no-store"  # it may tell a password
        response.headers["Location"] = f"{blueprint.url_prefix}{path}/{document['id']}"
        return response

    view.__doc__ = f"Create a {one.name}. 404: what it belongs to is not there; 409: {one.refused}."
    told = answers(201, one.item, headers=_LOCATION)(blueprint.arguments(one.new)(view))
    blueprint.route(path, methods=["POST"], endpoint=f"create_{one.name}")(
        requires(one.permission)(problems(404, 409)(told))
    )


def _read(blueprint: Blueprint, path: str, one: Resource) -> None:
    def view(actor: Actor, row_id: int) -> dict[str, Any]:
        return one.document(one.found(actor, row_id))

    view.__doc__ = f"One {one.name}."
    told = problems(404)(answers(200, one.item)(view))
    blueprint.route(f"{path}/<id:row_id>", endpoint=f"read_{one.name}")(requires(one.permission)(told))


def _edit(blueprint: Blueprint, path: str, one: Resource) -> None:
    def view(actor: Actor, body: dict[str, Any], row_id: int) -> dict[str, Any]:
        version = body.pop("version", None)
        return one.document(one.edited(actor, row_id, body, version))

    view.__doc__ = (
        f"Change the named fields of a {one.name}. 409: conflict (another version, see `version`), {one.refused}."
    )
    told = problems(404, 409)(answers(200, one.item)(blueprint.arguments(one.changes)(view)))
    blueprint.route(f"{path}/<id:row_id>", methods=["PATCH"], endpoint=f"edit_{one.name}")(
        requires(one.permission)(told)
    )


def _delete(blueprint: Blueprint, path: str, one: Resource) -> None:
    def view(actor: Actor, row_id: int) -> Response:
        one.deleted(actor, row_id)
        return Response(status=204)

    view.__doc__ = f"Delete a {one.name}. 409 in_use says what still hangs on it (`uses`)."
    told = problems(404, 409)(answers(204, description="It is gone")(view))
    blueprint.route(f"{path}/<id:row_id>", methods=["DELETE"], endpoint=f"delete_{one.name}")(
        requires(one.permission)(told)
    )
