"""Named permission decorators. They go right under `route`, above `arguments`, so that nobody's input is looked at
before it is known whose it is. They also document 401, 403 and the bearer scheme.

A guarded view gets the Actor as its first argument.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Response

from app.auth.permissions import Permission
from app.errors import ForbiddenError, SeatrushError
from blueprints.context import actor
from blueprints.errors import render
from blueprints.openapi import needs_token, problems

Result = TypeVar("Result")


def signed_in(view: Callable[..., Result]) -> Callable[..., Result]:
    """Anybody with a good access token; the view is called with the Actor first."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Result:
        return view(actor(), *args, **kwargs)

    return needs_token(guarded)


def requires(permission: Permission) -> Callable[[Callable[..., Result]], Callable[..., Result | Response]]:
    """Only actors whose role grants `permission`; the view is called with the Actor first."""

    return requires_any(permission)


def requires_any(*wanted: Permission) -> Callable[[Callable[..., Result]], Callable[..., Result | Response]]:
    """As `requires`: one of these is enough. Raises when none is named."""
    names, named = frozenset(wanted), min(one.value for one in wanted)

    def decorator(view: Callable[..., Result]) -> Callable[..., Result | Response]:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Result | Response:
            try:
                asking = actor()
                if names.isdisjoint(asking.permissions):
                    raise ForbiddenError(permission=named)
                return view(asking, *args, **kwargs)
            except SeatrushError as error:
                # Flask would come to the same answer, but looks for a handler first: refusals are the hot path too.
                return render(error)

        return problems(403)(needs_token(guarded))

    return decorator
