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
NOWHERE = "192.0.2.1"  # an address for examples (RFC 5737)
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


def test_who_hears_nobody_does_not_have_it(listeners: list[socket.socket], tmp_path: Path) -> None:
    """It has no majority of anything, however well its own programs are, and may take the address from those who do."""
    here, there = listeners
    Nginx(here, WELL, WELL)
    there.close()
    assert not keeps(tmp_path, here.getsockname()[1])


def test_one_that_is_silent_hides_nobody(listeners: list[socket.socket], tmp_path: Path) -> None:
    """A host without power takes no answer's time: of two others one is enough."""
    here, there = listeners
    Nginx(here, WELL, WELL)
    Nginx(there, WELL, WELL)
    began = monotonic()
    assert keeps(tmp_path, here.getsockname()[1], others=f"{NOWHERE} 127.0.0.2")
    assert monotonic() - began < PATIENCE_S


def test_without_nginx_nobody_has_it(listeners: list[socket.socket], tmp_path: Path) -> None:
    here, there = listeners
    Nginx(there, WELL, WELL)
    port = here.getsockname()[1]
    here.close()
    assert not keeps(tmp_path, port)
