"""What a view may ask about the request it serves. Everything here is lazy: a view pays only for what it uses."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any, cast

from flask import g, has_request_context, request
from flask.globals import _cv_app

from app.admission.engine import Engine
from app.agenda.booked import BookedLectures
from app.agenda.overlaps import Overlaps
from app.auth.actor import Actor
from app.auth.errors import TokenInvalidError, UnauthenticatedError
from app.auth.identity import Identity
from app.enrolment.mine import Timetables
from app.extensions.services import Services
from app.operations.overview import Overview

# Below it the rest of the address is the secret.
FEEDS = "/api/calendar/"

_REQUEST_ID = re.compile(r"[0-9a-f]{16,64}")


def _of_this_app(name: str) -> Any:
    """As `current_app.extensions[name]`, without the proxy: it is asked for several times a request, and by every one."""
    context: Any = _cv_app.get()
    return context.app.extensions[name]


def services() -> Services:
    """The clients of this process."""
    return cast(Services, _of_this_app("seatrush"))


def engine() -> Engine:
    """The admission engine of this process."""
    return cast(Engine, _of_this_app("seatrush.engine"))


def timetables() -> Timetables:
    """What students have, over this process's copies of terms and sections."""
    return cast(Timetables, _of_this_app("seatrush.timetables"))


def booked_lectures() -> BookedLectures:
    """What lectures people have."""
    return cast(BookedLectures, _of_this_app("seatrush.booked"))


def overlaps() -> Overlaps:
    """What people have at the time of a lecture."""
    return cast(Overlaps, _of_this_app("seatrush.overlaps"))


def overview() -> Overview:
    """The state of everything, for operators."""
    return cast(Overview, _of_this_app("seatrush.overview"))


def identity() -> Identity:
    """Tokens, passwords and login limits of this process."""
    return cast(Identity, _of_this_app("seatrush.identity"))


def actor() -> Actor:
    """Who is asking, by the bearer token. Raises UnauthenticatedError, TokenExpiredError or TokenInvalidError."""
    header: str | None = request.environ.get("HTTP_AUTHORIZATION")
    if not header:
        raise UnauthenticatedError
    if header[:7].lower() != "bearer ":
        raise TokenInvalidError
    return identity().tokens.verify(header[7:].strip())


def actor_or_none() -> Actor | None:
    """Like `actor`, for views that also serve the public: None when no token came. A bad token still raises."""
    return actor() if request.environ.get("HTTP_AUTHORIZATION") else None


def language() -> str:
    """ "zh" or "en", by Accept-Language; Chinese when it says neither."""
    header: str = request.environ.get("HTTP_ACCEPT_LANGUAGE", "")
    if not header or header.startswith("zh"):
        return "zh"
    best = request.accept_languages.best_match(["zh-CN", "en", "zh"], default="zh")
    return "en" if best == "en" else "zh"


def request_id() -> str:
    """The id of this request in logs and problems: Nginx's when it looks like one, else made on first use."""
    given = given_request_id(request.environ)
    if given is not None:
        return given
    known: str | None = g.get("request_id")
    if known is None:
        known = g.request_id = secrets.token_hex(16)
    return known


def given_request_id(environ: Mapping[str, Any]) -> str | None:
    """The id that Nginx gave a request; None when it has none that looks like one."""
    given: str = environ.get("HTTP_X_REQUEST_ID", "")
    return given if _REQUEST_ID.fullmatch(given) else None


def log_context() -> Mapping[str, Any]:
    """What every log line of a request carries."""
    if not has_request_context():
        return {}
    path = FEEDS if request.path.startswith(FEEDS) else request.path
    return {"request_id": request_id(), "path": path}


def client_address() -> str:
    """The browser's address as Nginx saw it (Nginx always overwrites X-Real-IP; workers listen to Nginx only)."""
    return request.environ.get("HTTP_X_REAL_IP") or request.remote_addr or "unknown"


def over_https() -> bool:
    """True when the browser spoke TLS to Nginx."""
    return request.is_secure or request.environ.get("HTTP_X_FORWARDED_PROTO") == "https"
