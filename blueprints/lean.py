"""Flask without what Seatrush never asks of it: in the opening minute every microsecond of a request is paid by everyone.

Each shortcut stands in for a public method of Flask or werkzeug and gives the same answer for this application: no
sessions, no host or subdomain matching, no hooks around requests (where one is registered, the long way is taken).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Request, Response
from flask.sessions import NullSession, SessionInterface, SessionMixin
from werkzeug.routing import MapAdapter

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_NO_SESSION = NullSession()


class LeanFlask(Flask):
    """The web application's class."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.session_interface = _NoSessions()

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Flask's own takes the host apart for every request; here all hosts are one (Nginx has checked it)."""
        if request is None:
            return super().create_url_adapter(request)
        environ = request.environ
        return MapAdapter(
            self.url_map,
            server_name=environ.get("HTTP_HOST") or environ["SERVER_NAME"],
            script_name="/",
            subdomain="",
            url_scheme=environ["wsgi.url_scheme"],
            # WSGI hands the bytes of the address over as latin-1.
            path_info=environ["PATH_INFO"].encode("latin-1").decode(errors="replace"),
            default_method=environ["REQUEST_METHOD"],
            query_args=environ.get("QUERY_STRING", ""),
        )

    def preprocess_request(self) -> Any:
        """Nothing, where nothing is registered."""
        if self.before_request_funcs or self.url_value_preprocessors:
            return super().preprocess_request()
        return None

    def do_teardown_request(self, *args: Any, **options: Any) -> None:
        """Nothing, where nothing is registered."""
        if self.teardown_request_funcs:
            super().do_teardown_request(*args, **options)


class FinishedResponse(Response):
    """An answer whose body, length and headers are final: nothing is worked out again when it is sent."""

    def get_wsgi_response(self, environ: WSGIEnvironment) -> tuple[Iterable[bytes], str, list[tuple[str, str]]]:
        body: Any = () if environ["REQUEST_METHOD"] == "HEAD" else self.response
        return body, self.status, self.headers.to_wsgi_list()


class _NoSessions(SessionInterface):
    """Flask's cookie sessions are not used; asking for none keeps their cost off every request."""

    def open_session(self, app: Flask, request: Any) -> SessionMixin | None:
        return _NO_SESSION

    def save_session(self, app: Flask, session: SessionMixin, response: Any) -> None:
        return None
