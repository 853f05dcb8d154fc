"""A connection to MariaDB that does not wait long for what a server answers at once.

A server that is frozen (a stopped process, a machine whose disk hangs) looks alive from outside: its kernel takes the
connection, so the TCP time-out says nothing, and PyMySQL then waits for the greeting, or the answer to a ping, as long as for
any statement. A statement may wait for locks; these two wait for nobody.
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ssl import SSLContext
from time import monotonic
from typing import Any, ClassVar

import gevent
from pymysql.connections import Connection
from pymysql.constants import CR
from pymysql.err import OperationalError

KNOCK_EVERY_S = 0.05


@dataclass(frozen=True, slots=True)
class Patience:
    """How long MariaDB is waited for, in seconds: for each answer to a `statement`, and to what it answers `at_once`, a ping
    and the steps of a handshake."""

    statement: float
    at_once: float


# A settling transaction may wait for several locks, and its claims can wait: a server that is two seconds away, in a
# network that works badly, is still worked with.
UNHURRIED = Patience(statement=15.0, at_once=4.0)
# Behind a page somebody waits. After a ping that failed the pool connects anew, so it is twice 2.5 s until the first are told;
# for what was asked as the server froze, more than the 5 s that a lock (of a row, a named one) may take: those are answers.
# What takes long in a page (files, lists) is many statements.
PAGES = Patience(statement=8.0, at_once=2.5)


class SilentError(OperationalError):
    """The server was connected to, or had been, and did not say a word: it will not to the next one either."""


class Link(Connection):
    """As PyMySQL's, with `answer_s` in the place of its `read_timeout` and `write_timeout` for what is answered at once."""

    _read_timeout: float | None
    _write_timeout: float | None
    _any_tls: ClassVar[SSLContext | None] = None  # of links to which nothing is said about TLS

    def __init__(self, *, answer_s: float, **named: Any) -> None:
        self._answer_s = answer_s
        super().__init__(**named)

    def connect(self, sock: Any = None) -> None:
        """Raises SilentError when the server takes longer than `answer_s` for an answer."""
        with self._impatient():
            super().connect(self._by_unix() if sock is None and self.unix_socket else sock)

    def ping(self, reconnect: Any = False) -> None:
        """Raises SilentError when there is no answer within `answer_s`."""
        with self._impatient():
            super().ping(reconnect)

    def _create_ssl_ctx(self, sslp: dict[str, Any]) -> SSLContext:
        """Made once: reading the machine's certificates takes 8 ms of a processor, and after a MariaDB that was away every
        program connects anew, with all of its pool."""
        if Link._any_tls is not None and not sslp:
            return Link._any_tls
        made: SSLContext = super()._create_ssl_ctx(sslp)  # type: ignore[misc]  # the stubs do not know it
        if not sslp:
            Link._any_tls = made
        return made

    def _by_unix(self) -> socket.socket:
        """Connected as PyMySQL would have it. When nobody is let in, the line before the door fills, and the kernel sends
        whoever comes then away at once: gevent would come again without a pause, with all of a processor."""
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            _knock(link, str(self.unix_socket), self.connect_timeout or self._answer_s)
        except BaseException as error:
            link.close()
            if isinstance(error, OSError):
                raise OperationalError(
                    CR.CR_CONN_HOST_ERROR, f"Can't connect to {self.unix_socket} ({error})"
                ) from error
            raise
        self.host_info, self._secure = "Localhost via UNIX socket", True
        return link

    @contextmanager
    def _impatient(self) -> Iterator[None]:
        # Both: TLS is negotiated under whichever counted last.
        patience = self._read_timeout, self._write_timeout
        self._read_timeout = self._write_timeout = self._answer_s
        try:
            yield
        except OperationalError as error:
            if isinstance(error.__context__, TimeoutError):  # PyMySQL keeps no other trace of it
                raise SilentError(*error.args) from error
            raise
        finally:
            self._read_timeout, self._write_timeout = patience


def _knock(link: socket.socket, path: str, within_s: float) -> None:
    """Raises OSError."""
    until = monotonic() + within_s
    link.setblocking(False)
    while problem := link.connect_ex(path):
        if problem != errno.EAGAIN:
            raise OSError(problem, os.strerror(problem))
        if monotonic() > until:
            raise TimeoutError("timed out")
        gevent.sleep(KNOCK_EVERY_S)
