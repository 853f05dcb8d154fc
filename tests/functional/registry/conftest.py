"""A private Nginx whose upstream file the follower writes, and workers that say their names."""

from __future__ import annotations

import socket
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import gevent
import pytest
from gevent.event import Event
from gevent.pywsgi import WSGIServer
from kazoo.client import KazooClient

from app.extensions.registry import REGISTRY, Registry
from app.extensions.services import Services
from app.extensions.zookeeper import connect_zookeeper
from consumers.upstreams import Follower, rendered
from ops.drills.slow_link import SlowLink
from ops.stack.packages import find_binary
from ops.stack.ports import Ports
from tests.waiting import until

CONFIG = """
worker_processes 2;
pid {folder}/pid;
error_log {folder}/log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    upstream web {{ include {folder}/web.conf; keepalive 8; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{ proxy_pass http://web; proxy_http_version 1.1; proxy_set_header Connection ""; }}
    }}
}}
"""


@dataclass
class Worker:
    """One that answers its own name."""

    name: str
    server: WSGIServer = field(init=False)

    def __post_init__(self) -> None:
        def application(_environ: object, start: Callable[..., object]) -> list[bytes]:
            start("200 OK", [("Content-Type", "text/plain")])
            return [self.name.encode()]

        self.server = WSGIServer(("127.0.0.1", 0), application, log=None)
        self.server.start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server.server_port}"


@dataclass
class Door:
    """Nginx, as a client sees it."""

    port: int
    folder: Path

    def ask(self) -> str:
        """Who answered, or the status line when it was no 200."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
            answer = b""
            while part := connection.recv(4096):
                answer += part
        head, _, body = answer.partition(b"\r\n\r\n")
        return body.decode() if b" 200 " in head.split(b"\r\n")[0] else head.decode()

    def follower(self, client: KazooClient) -> Follower:
        return Follower(Registry(client), self.folder, self.folder / "pid")


@pytest.fixture
def workers() -> Iterator[list[Worker]]:
    made = [Worker("first"), Worker("second"), Worker("third")]
    yield made
    for one in made:
        one.server.stop(timeout=0)


@pytest.fixture
def door(tmp_path: Path, workers: list[Worker]) -> Iterator[Door]:
    """Nginx with the first worker as its static one."""
    port = Ports.free().http
    (tmp_path / "nginx.conf").write_text(CONFIG.format(folder=tmp_path, port=port))
    (tmp_path / "web.static").write_text(workers[0].address)
    (tmp_path / "web.conf").write_text(rendered([workers[0].address]))
    command = [
        find_binary("nginx"),
        "-p",
        str(tmp_path),
        "-c",
        str(tmp_path / "nginx.conf"),
        "-e",
        str(tmp_path / "log"),
    ]
    nginx = subprocess.Popen([*command, "-g", "daemon off;"])
    made = Door(port, tmp_path)
    try:
        until(lambda: made.ask() == "first", "an Nginx")
        yield made
    finally:
        nginx.terminate()
        nginx.wait()


@pytest.fixture
def link(services: Services) -> Iterator[SlowLink]:
    """The way to ZooKeeper of one client."""
    host, _, port = services.settings.zookeeper_hosts.partition(":")
    with SlowLink(host, int(port)).open() as opened:
        yield opened


@pytest.fixture
def connect(services: Services) -> Iterator[Callable[..., KazooClient]]:
    """`connect()`: a client of its own, over an empty registry."""
    with ExitStack() as stack:

        def connected(hosts: str = services.settings.zookeeper_hosts) -> KazooClient:
            client = connect_zookeeper(hosts, session_timeout=4.0)
            client.start(timeout=10)
            stack.callback(client.close)
            stack.callback(client.stop)
            return client

        connected().delete(REGISTRY, recursive=True)
        yield connected


@pytest.fixture
def following() -> Iterator[Callable[[Follower, KazooClient], None]]:
    """`following(follower, client)`: as the program does, until the test ends."""
    stopping, running = Event(), []

    def begin(follower: Follower, client: KazooClient) -> None:
        def follow() -> None:
            while not stopping.is_set():
                follower.changed.clear()
                follower.follow(connected=bool(client.connected))
                follower.changed.wait(timeout=0.5)

        running.append(gevent.spawn(follow))

    yield begin
    stopping.set()
    gevent.joinall(running, timeout=5, raise_error=True)


@dataclass
class Visitors:
    """Ask all the time, each with a connection of its own."""

    door: Door
    heard: Counter[str] = field(default_factory=Counter)
    stopping: Event = field(default_factory=Event)

    def come(self) -> None:
        while not self.stopping.is_set():
            self.heard[self.door.ask()] += 1
            gevent.sleep(0.005)


@pytest.fixture
def visitors(door: Door) -> Iterator[Visitors]:
    made = Visitors(door)
    running = [gevent.spawn(made.come) for _ in range(4)]
    yield made
    made.stopping.set()
    gevent.joinall(running, timeout=10, raise_error=True)
