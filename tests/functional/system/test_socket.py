"""What the WebSocket refuses: strangers' pages, a ticket twice, large frames, and clients that talk to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from gevent.pywsgi import WSGIServer
from websocket import ABNF, WebSocket, WebSocketConnectionClosedException, create_connection

from app.extensions.redis import RedisClient
from app.extensions.services import Services
from app.factory import create_live_app
from blueprints.live import socket as module
from blueprints.live.hub import BEAT
from blueprints.live.socket import LARGEST_FRAME, MOST_UNREAD, POLICY_VIOLATION
from blueprints.live.tickets import Listener, issue

TOO_BIG = 1009
ABRUPTLY = 1006  # RFC 6455's word for an end without a word, as when what was sent last is still unread


@contextmanager
def serving(services: Services) -> Iterator[str]:
    """Host and port of the WebSocket application, for real connections; nobody beats there."""
    server = WSGIServer(("127.0.0.1", 0), create_live_app(services=services), log=None, error_log=None)
    server.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.stop(timeout=0)


@pytest.fixture
def address(services: Services) -> Iterator[str]:
    with serving(services) as found:
        yield found


def connected(address: str, ticket: str, origin: str | None = None) -> WebSocket:
    made: WebSocket = create_connection(
        f"ws://{address}/ws?ticket={ticket}", timeout=10, origin=origin, suppress_origin=origin is None
    )
    return made


def ending(line: WebSocket, *frames: str) -> int | None:
    """The code with which the line ends when these are sent; None when it lives: once it is served, all is answered."""
    try:
        for one in frames:
            line.send(one)
        while (frame := line.recv_frame()).opcode != ABNF.OPCODE_PONG:
            if frame.opcode == ABNF.OPCODE_CLOSE:
                return int.from_bytes(frame.data[:2], "big")
            assert frame.data == BEAT.encode()
            line.ping()
    except (WebSocketConnectionClosedException, ConnectionError):
        return ABRUPTLY
    finally:
        line.shutdown()
    return None


def ending_of(services: Services, address: str, *frames: str) -> int | None:
    """After one's own page has sent these."""
    return ending(connected(address, issue(services.redis, Listener(1))), *frames)


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1", "null"])
def test_another_sites_page_is_refused(services: Services, address: str, origin: str) -> None:
    ticket = issue(services.redis, Listener(1))
    assert ending(connected(address, ticket, origin)) == POLICY_VIOLATION
    assert connected(address, ticket, f"http://{address}").recv() == BEAT, "and the ticket is still good"


def test_unchecked_it_is_served(services: Services, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_same_origin", lambda: True)
    assert ending(connected(address, issue(services.redis, Listener(1)), "http://evil.example")) is None


def test_a_ticket_is_good_once(services: Services, address: str) -> None:
    ticket = issue(services.redis, Listener(1))
    endings = [ending(connected(address, ticket)) for _ in range(2)]
    assert endings == [None, POLICY_VIOLATION]
    assert ending(connected(address, "made-up")) == POLICY_VIOLATION


def test_one_that_is_only_read_is_good_again(services: Services, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RedisClient, "getdel", RedisClient.get)
    ticket = issue(services.redis, Listener(1))
    assert [ending(connected(address, ticket)) for _ in range(2)] == [None, None]


def test_a_large_frame_ends_the_line(services: Services, address: str) -> None:
    assert ending_of(services, address, "x" * LARGEST_FRAME) is None
    assert ending_of(services, address, "x" * (LARGEST_FRAME + 1)) in (TOO_BIG, ABRUPTLY)


def test_without_a_limit_it_is_taken(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST_FRAME", None)
    with serving(services) as address:
        assert ending_of(services, address, "x" * (LARGEST_FRAME + 1)) is None


def test_whoever_talks_to_nobody_is_hung_up_on_at_once(services: Services, address: str) -> None:
    """Not with the next beat: until then he could fill the memory."""
    assert ending_of(services, address, *["x"] * MOST_UNREAD) is None
    assert ending_of(services, address, *["x"] * (MOST_UNREAD + 1)) in (POLICY_VIOLATION, ABRUPTLY)


def test_uncounted_he_goes_on(services: Services, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_UNREAD", 1000)
    assert ending_of(services, address, *["x"] * (MOST_UNREAD + 1)) is None
