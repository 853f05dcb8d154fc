"""Asks Nginx as a browser does, by http or https, and keeps the whole answer."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from dataclasses import dataclass
from email.message import Message
from typing import Any

from ops.stack import Stack


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    fields: Message

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(
    stack: Stack,
    target: str,
    method: str = "GET",
    body: bytes | None = None,
    *,
    trusting: ssl.SSLContext | None = None,
    coming_from: str = "127.0.0.1",
    **headers: str,
) -> Answer:
    """By https when it is said whom to trust; another address of loopback is a stranger's to Nginx."""
    ports, source = stack.config.ports, (coming_from, 0)
    connection = (
        http.client.HTTPSConnection("127.0.0.1", ports.https, timeout=10, source_address=source, context=trusting)
        if trusting
        else http.client.HTTPConnection("127.0.0.1", ports.http, timeout=10, source_address=source)
    )
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, target, body=body, headers=named)
    response = connection.getresponse()
    answer = Answer(
        response.status, {n.lower(): v for n, v in response.getheaders()}, response.read(), response.headers
    )
    connection.close()
    return answer


@dataclass
class Handshake:
    """What a server shows of itself before it is asked anything."""

    certificate: bytes  # DER
    protocol: str | None  # which one it chose of those offered


def shake_hands(stack: Stack, trusting: ssl.SSLContext, called: str = "127.0.0.1") -> Handshake:
    """By a client that wants it to be one for the name or address `called`."""
    with (
        socket.create_connection(("127.0.0.1", stack.config.ports.https), timeout=10) as connection,
        trusting.wrap_socket(connection, server_hostname=called) as spoken,
    ):
        return Handshake(spoken.getpeercert(binary_form=True) or b"", spoken.selected_alpn_protocol())
