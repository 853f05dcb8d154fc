"""How the students of a drill reach Nginx."""

from __future__ import annotations

import socket
from collections.abc import Iterable

import orjson

from ops.drills.wishes import LOST, Answer

Address = tuple[str, int]  # host, port


class Connection:
    """One keep-alive connection to Nginx, opened anew when it broke."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._socket: socket.socket | None = None

    def ask(self, method: str, path: str, headers: Iterable[str], body: bytes, timeout: float) -> Answer:
        lines = [f"{method} {path} HTTP/1.1", "Host: campus", *headers]
        if body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        request = ("\r\n".join(lines) + "\r\n\r\n").encode() + body
        try:
            return self._exchange(request, timeout)
        except (OSError, ValueError, IndexError):
            self.close()
            return Answer(LOST, {})

    def _exchange(self, request: bytes, timeout: float) -> Answer:
        if self._socket is None or _ended(self._socket):
            self.close()
            self._socket = socket.create_connection(self._address, timeout=timeout)
        self._socket.settimeout(timeout)
        self._socket.sendall(request)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, body = data.partition(b"\r\n\r\n")
        fields = head.lower().split(b"\r\n")
        length = _number(fields, b"content-length:")
        while len(body) < length:
            body += self._more()
        if b"connection: close" in fields:
            self.close()
        return Answer(int(head[9:12]), orjson.loads(body) if body else {}, retry_after=_number(fields, b"retry-after:"))

    def _more(self) -> bytes:
        part = self._socket.recv(65536) if self._socket is not None else b""
        if not part:
            raise ConnectionResetError
        return part

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _number(fields: Iterable[bytes], name: bytes) -> int:
    return next((int(line[len(name) :]) for line in fields if line.startswith(name)), 0)


def _ended(connection: socket.socket) -> bool:
    """Whether the other end closed it while it was idle, as an Nginx does that was reloaded: browsers look, too."""
    connection.settimeout(0.0)
    try:
        return not connection.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
