"""Flask without what Seatrush never asks of it: in the opening minute every microsecond of a request is paid by everyone.

Each shortcut stands in for a public method of Flask or werkzeug and gives the same answer for this application: no
sessions, no host or subdomain matching, no hooks around requests (where one is registered, the long way is taken), and
an address is taken apart once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from time import time
from typing import TYPE_CHECKING, Any

from flask import Flask, Request, Response
from flask.globals import _cv_request
from flask.sessions import NullSession, SessionInterface, SessionMixin
from werkzeug.routing import MapAdapter, Rule

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

logger = logging.getLogger(__name__)

_NO_SESSION = NullSession()
_KNOWN_ROUTES = 4096
BEGAN = "seatrush.began"
_AS_FLASK_ASKS = {"return_rule": True}

_Routes = dict[tuple[str, str], tuple[Rule, Mapping[str, Any]]]


class LeanFlask(Flask):
    """The web application's class."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.session_interface = _NoSessions()
        self._routes: _Routes = {}
        self.on_answer: Callable[[Request, Response], None] | None = None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """As Flask's; `environ` also says when the request came (s since the epoch)."""
        environ[BEGAN] = time()
        return self.wsgi_app(environ, start_response)

    def process_response(self, response: Response) -> Response:
        """No hooks, where none is registered; then `on_answer` gets to know every answer, errors too."""
        context: Any = _cv_request.get()
        if self.after_request_funcs or context._after_request_functions:
            response = super().process_response(response)
        if self.on_answer is not None:
            try:
                self.on_answer(context.request, response)
            except Exception:
                logger.exception("an answer could not be noted")  # and reaches its reader all the same
        return response

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Flask's own takes the host apart for every request; here all hosts are one (Nginx has checked it)."""
        if request is None:
            return super().create_url_adapter(request)
        environ = request.environ
        return _Remembering(
            self._routes,
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


class _Remembering(MapAdapter):
    """Knows where an address leads once it was asked for: the opening minute asks for few addresses very often.

    werkzeug's matcher takes the path apart by a closure that calls itself, a cycle of eight objects that only the
    collector finds: its pauses were the longest of a worker's. Only what was found is remembered, never a refusal.
    """

    def __init__(self, routes: _Routes, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._routes = routes

    def match(self, *args: Any, **options: Any) -> Any:
        """As werkzeug's; Flask asks for the rule and its values, with nothing else said."""
        if args or options != _AS_FLASK_ASKS:
            return super().match(*args, **options)
        key = (self.default_method, self.path_info)
        if key not in self._routes:
            if len(self._routes) >= _KNOWN_ROUTES:
                self._routes.clear()
            self._routes[key] = super().match(return_rule=True)
        rule, values = self._routes[key]
        return rule, dict(values)


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
