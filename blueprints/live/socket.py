"""GET /ws?ticket=… (in the WebSocket application): one writer per socket, small frames, ping, checked Origin."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, request
from flask_sock import Sock
from simple_websocket import ConnectionClosed

from app.extensions.redis import RedisError
from blueprints.context import services
from blueprints.live.hub import END, MISSED, Hub
from blueprints.live.tickets import Listener, redeem

LARGEST_FRAME = 4096
PING_EVERY_S = 25
MOST_UNREAD = 16
POLICY_VIOLATION, TRY_AGAIN = 1008, 1013


class Unread(list[Any]):
    """What a client sent, in the place of the socket's own list: nobody reads it here, so it may not grow.

    It ends the line by itself: the writer looks at its socket with the next beat, and until then a client could send
    hundreds of megabytes.
    """

    def __init__(self, socket: Any) -> None:
        super().__init__()
        self._socket = socket

    def append(self, message: Any) -> None:
        """Called by the socket's reader, which ends for an OSError."""
        if len(self) >= MOST_UNREAD:
            with suppress(ConnectionClosed):
                self._socket.close(POLICY_VIOLATION, "too much")
            raise ConnectionAbortedError("a client sent too much")
        super().append(message)


def register_socket(app: Flask, hub: Hub) -> None:
    """Add the /ws route to the application."""
    app.config["SOCK_SERVER_OPTIONS"] = {"ping_interval": PING_EVERY_S, "max_message_size": LARGEST_FRAME}
    sock = Sock(app)

    @sock.route("/ws")  # type: ignore[untyped-decorator]
    def events(socket: Any) -> None:
        socket.input_buffer = Unread(socket)
        if not _same_origin():
            socket.close(POLICY_VIOLATION, "origin")
            return
        try:
            listener = redeem(services().redis, request.args.get("ticket", "")[:64])
        except RedisError:
            socket.close(TRY_AGAIN, "try again")
            return
        if listener is None:
            socket.close(POLICY_VIOLATION, "ticket")
            return
        _serve(socket, hub, listener)


def _serve(socket: Any, hub: Hub, listener: Listener) -> None:
    queue = hub.join(listener)
    try:
        while socket.connected:
            text = queue.get()  # never long: the hub's beat goes to everybody
            if text == END:
                socket.close(POLICY_VIOLATION, "signed out")
                return
            if text == MISSED:
                socket.close(TRY_AGAIN, "events were missed")
                return
            socket.send(text)
    except ConnectionClosed:
        return
    finally:
        hub.leave(listener, queue)


def _same_origin() -> bool:
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host
