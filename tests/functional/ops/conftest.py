"""A whole stack with stand-in programs (the servers are the real ones), shared by the tests of `ops.stack`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from ops.stack import Stack, StackConfig

WSGI = """
import itertools, json

counter = itertools.count(1)

def app(environ, start_response):
    path, status, headers = environ["PATH_INFO"], "200 OK", [("Content-Type", "application/json")]
    headers += [("Set-Cookie", "session=1"), ("X-Request-ID", "forged")]
    headers += [] if path == "/api/silent" else [("Cache-Control", "no-cache")]
    if path == "/api/busy":
        status, headers[0] = "503 Service Unavailable", ("Content-Type", "application/problem+json")
    environ["wsgi.input"].read()
    seen = {name[5:]: value for name, value in environ.items() if name.startswith("HTTP_")}
    body = {"path": path, "count": next(counter), "method": environ["REQUEST_METHOD"], "headers": seen, "app": __name__}
    start_response(status, headers)
    return [json.dumps(body).encode()]
"""
CONSUMER = """
import os, signal, sys, time

signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print(sys.argv[1], os.environ["SEATRUSH_AMQP_URL"].rsplit("/", 1)[1], flush=True)
time.sleep(10_000)
"""
PAGES = {
    "index.html": "index page",
    "lectures.html": "lectures page",
    "lecture.html": "lecture page",
    "503.html": "busy page",
    "routes.map": "~^/lectures$ /lectures.html;\n~^/lectures/[0-9]+$ /lecture.html;\n",
    "s/0123abcd/app.js": "let a = 1;",
    "s/0123abcd/app.js.gz": "(gzipped)",
}


def stand_in_repository(folder: Path) -> Path:
    """A folder with wsgi, wsgi_ws and consumers which answer with what they were asked."""
    (folder / "consumers").mkdir(parents=True)
    (folder / "wsgi.py").write_text(dedent(WSGI))
    (folder / "wsgi_ws.py").write_text(dedent(WSGI))
    (folder / "consumers" / "__init__.py").write_text("")
    (folder / "consumers" / "__main__.py").write_text(dedent(CONSUMER))
    return folder


def write_pages(webroot: Path) -> None:
    """What `ops.webroot` would build."""
    for name, text in PAGES.items():
        path = webroot / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture(scope="package")
def config(tmp_path_factory: pytest.TempPathFactory) -> StackConfig:
    """The shared stack's config: free ports, stand-in programs."""
    folder = tmp_path_factory.mktemp("stack")
    repository = stand_in_repository(folder / "repository")
    # One worker, so that the stand-in's counter counts every request that reaches it.
    return StackConfig.for_folder(folder / "root", name="shared", repository=repository, web_workers=1)


@pytest.fixture(scope="package")
def stack(config: StackConfig) -> Iterator[Stack]:
    """The shared stack, up, with its programs; each test leaves it as it found it."""
    running = Stack(config)
    try:
        running.up()
        write_pages(config.webroot)
        running.start_programs()
        yield running
    finally:
        running.down()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Stack]:
    """A stack of one's own for tests which break the whole; start only what is needed of it."""
    own = Stack(StackConfig.for_folder(tmp_path / "root", name="small", programs=()))
    try:
        yield own
    finally:
        own.down()
