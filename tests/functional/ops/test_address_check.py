"""Keepalived's check, as bash runs it: may this host have the address?

Two Nginx stand in: this host's at 127.0.0.1 and the other's at 127.0.0.2, on one port, as sockets that answer as they are told.
"""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Thread
from time import monotonic

import pytest

from ops.stack.rendering import render
from ops.stack.servers.keepalived import TEMPLATES

WELL, AWAY, SILENT = "200", "503", ""
HOLDS_WITHIN_S = 15
OFF = "127.0.0.3"
PATIENCE_S = 5  # a connection that nobody answers would be waited for longer


class Nginx:
    """Answers `/time` and `/healthz` with a status, or not at all."""

    def __init__(self, listener: socket.socket, time: str, healthz: str) -> None:
        self._listener = listener
        self._answers = {"/time": time, "/healthz": healthz}
        self._silent: list[socket.socket] = []
        Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        with suppress(OSError):  # the listener is closed at the end
            while True:
                connection, _ = self._listener.accept()
                with suppress(OSError):  # whoever asked may have gone
                    self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        asked = b""
        while b"\r\n\r\n" not in asked:  # bash sends line by line
            if not (part := connection.recv(1000)):
                return
            asked += part
        if status := self._answers[asked.split()[1].decode()]:
            connection.sendall(f"HTTP/1.1 {status} x\r\n\r\n".encode())
            connection.close()
        else:
            self._silent.append(connection)


@pytest.fixture
def listeners() -> Iterator[list[socket.socket]]:
    with ExitStack() as ends:
        here = ends.enter_context(socket.create_server(("127.0.0.1", 0)))
        there = ends.enter_context(socket.create_server(("127.0.0.2", here.getsockname()[1])))
        yield [here, there]


@pytest.fixture
def off(listeners: list[socket.socket]) -> Iterator[None]:
    """A host without power: its kernel says nothing, as one does that has more connections waiting than it may have."""
    where = (OFF, listeners[0].getsockname()[1])
    with ExitStack() as ends:
        ends.enter_context(socket.create_server(where, backlog=0))
        for _ in range(4):
            waiting = ends.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(where)
        yield


def keeps(folder: Path, port: int, others: str = "127.0.0.2") -> bool:
    """Whether the check lets the host have the address."""
    script = folder / "check.sh"
    script.write_text(render(TEMPLATES / "check.sh.tmpl", port=port, others=others), encoding="utf-8")
    return subprocess.run(["bash", str(script)], check=False, timeout=HOLDS_WITHIN_S).returncode == 0


@pytest.mark.parametrize(
    ("time", "healthz", "elsewhere", "kept"),
    [
        (WELL, WELL, WELL, True),
        (SILENT, WELL, WELL, False),  # Nginx is frozen
        (WELL, SILENT, WELL, True),  # a rush: the next one is as busy in a moment
        (WELL, SILENT, SILENT, True),
        (WELL, AWAY, WELL, False),  # cut off from every Flask
        (WELL, AWAY, AWAY, True),  # nobody has one: Nginx's own answer is the best there is
        (WELL, AWAY, SILENT, True),
    ],
)
def test_who_may_have_the_address(
    listeners: list[socket.socket], tmp_path: Path, time: str, healthz: str, elsewhere: str, kept: bool
) -> None:
    here, there = listeners
    Nginx(here, time, healthz)
    Nginx(there, WELL, elsewhere)
    assert keeps(tmp_path, here.getsockname()[1]) is kept


@pytest.mark.usefixtures("off")
def test_who_hears_nobody_does_not_have_it(listeners: list[socket.socket], tmp_path: Path) -> None:
    """It has no majority of anything, however well its own programs are, and may take the address from those who do."""
    here, _ = listeners
    Nginx(here, WELL, WELL)
    began = monotonic()
    assert not keeps(tmp_path, here.getsockname()[1], others=OFF)
    assert 1.0 < monotonic() - began < PATIENCE_S  # a packet that is lost comes again after a second


@pytest.mark.usefixtures("off")
def test_a_host_whose_nginx_alone_is_dead_is_heard(listeners: list[socket.socket], tmp_path: Path) -> None:
    """Else nobody would have the address when the last Nginx but one dies."""
    here, there = listeners
    Nginx(here, WELL, WELL)
    there.close()
    assert keeps(tmp_path, here.getsockname()[1], others=f"{OFF} 127.0.0.2")


@pytest.mark.usefixtures("off")
def test_a_host_without_power_hides_nobody(listeners: list[socket.socket], tmp_path: Path) -> None:
    """Of two others one is enough, for each question; many times, as what is left of one must not answer the next."""
    here, there = listeners
    Nginx(here, WELL, AWAY)
    Nginx(there, WELL, WELL)
    for _ in range(30):
        assert not keeps(tmp_path, here.getsockname()[1], others=f"{OFF} 127.0.0.2")


def test_without_nginx_nobody_has_it(listeners: list[socket.socket], tmp_path: Path) -> None:
    here, there = listeners
    Nginx(there, WELL, WELL)
    port = here.getsockname()[1]
    here.close()
    assert not keeps(tmp_path, port)
