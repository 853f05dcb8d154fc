"""The refresh cookie: HttpOnly, SameSite=Strict, for /api/auth only, Secure when the browser came by https."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from flask import Response, request

from app.auth.errors import CrossSiteError, UnauthenticatedError
from blueprints.context import over_https

NAME = "seatrush_refresh"
PATH = "/api/auth"


def set_refresh_cookie(response: Response, token: str, ttl: timedelta) -> None:
    """Hand the refresh token to the browser, out of reach of scripts."""
    response.set_cookie(NAME, token, max_age=ttl, path=PATH, httponly=True, samesite="Strict", secure=over_https())


def clear_refresh_cookie(response: Response) -> None:
    """Take it back."""
    response.delete_cookie(NAME, path=PATH, httponly=True, samesite="Strict", secure=over_https())


def refresh_cookie() -> str | None:
    """The token the browser holds, if any. Raises CrossSiteError when another site's page sent the request.

    SameSite=Strict keeps other sites out of modern browsers; the Origin check holds for a sister host under the same
    registrable domain too, which counts as "same site".
    """
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc.lower() != request.host.lower():
        raise CrossSiteError
    return request.cookies.get(NAME)


def require_refresh_cookie() -> str:
    """Like `refresh_cookie`; raises UnauthenticatedError when there is none."""
    token = refresh_cookie()
    if not token:
        raise UnauthenticatedError
    return token
