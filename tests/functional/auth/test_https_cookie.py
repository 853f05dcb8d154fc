"""The refresh cookie, as a browser gets it from the application through Nginx: Secure by https, and not by http."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from gevent.pywsgi import WSGIServer

from app.extensions.services import Services
from ops.stack import Ports, Stack
from ops.stack.certificate import certificate_files
from tests.factories import PASSWORD, make_account
from tests.functional.ops.answers import Answer, ask


@pytest.fixture
def secure(stack: Stack, app: Flask) -> Iterator[Stack]:
    """This run's Nginx with a port for https, and the application where Nginx looks for it."""
    path = stack.config.sockets / "web.sock"
    own = Stack(replace(stack.config, ports=replace(stack.config.ports, https=Ports.free().http)))
    own.up(["nginx"])
    server = WSGIServer(_listening(path), app, log=None)
    server.start()
    yield own
    server.stop(timeout=0)
    path.unlink()
    stack.up(["nginx"])


def _listening(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    path.chmod(0o777)  # Nginx has an account of its own
    listener.listen()
    return listener


def test_it_is_secure_when_the_browser_came_by_https(secure: Stack, services: Services) -> None:
    account = make_account(services)
    body = f'{{"username": "{account.username}", "password": "{PASSWORD}"}}'.encode()
    trusting = ssl.create_default_context(cafile=certificate_files(secure.config)[0])

    def sign_in(by: ssl.SSLContext | None) -> Answer:
        # Whatever it says of itself: Nginx knows.
        said = {"Content_Type": "application/json", "X_Forwarded_Proto": "http" if by else "https"}
        return ask(secure, "/api/auth/login", "POST", body, trusting=by, **said)

    by_https, by_http = sign_in(trusting), sign_in(None)
    assert (by_https.status, by_http.status) == (200, 200)
    assert "; Secure" in by_https.headers["set-cookie"]
    assert "Secure" not in by_http.headers["set-cookie"]

    cookie = by_https.headers["set-cookie"].partition(";")[0]
    renewed = ask(secure, "/api/auth/refresh", "POST", b"", trusting=trusting, Cookie=cookie)
    assert renewed.status == 200
    assert "; Secure" in renewed.headers["set-cookie"]
