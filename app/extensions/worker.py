"""gunicorn's gevent worker, with the head and the body of an answer in one write, and with connections taken in time.

gunicorn writes them one by one: a system call more for it and a wake-up more for Nginx, of every answer. Not for
WebSockets, which take the connection over.
"""

from __future__ import annotations

from time import monotonic
from typing import Any

import orjson
from gevent.server import StreamServer
from gunicorn import util
from gunicorn.workers import ggevent
from gunicorn.workers.ggevent import GeventWorker

ACCEPTED_A_TURN = 32
LONG_TURN_S = 0.01
_CODES = {414: "uri_too_long", 431: "headers_too_large", 501: "not_implemented"}


def write_problem(sock: Any, status: int, reason: str, detail: str) -> None:
    """What gunicorn says of a request that it cannot read (in the place of its page of HTML): RFC 9457, as everything here."""
    code = _CODES.get(status, "bad_request" if status < 500 else "internal_error")
    problem = {"type": f"/problems/{code}", "title": reason, "status": status, "code": code, "detail": detail}
    body = orjson.dumps(problem)
    head = f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Type: application/problem+json\r\n"
    util.write_nonblock(sock, f"{head}Content-Length: {len(body)}\r\n\r\n".encode("latin-1") + body)


util.write_error = write_problem


class Turns:
    """How long the event loop's last turn took, in seconds: from the end of one wait for events to the begin of the next.
    0.0 after a wait in which whoever came would have been taken already."""

    def __init__(self, loop: Any) -> None:
        self.lasted = 0.0
        self._woken = self._ended = monotonic()
        self._watchers = loop.check(ref=False, priority=loop.MAXPRI), loop.prepare(ref=False, priority=loop.MINPRI)
        for watcher, seen in zip(self._watchers, (self._begin, self._end), strict=True):
            watcher.start(seen)

    def _begin(self) -> None:
        self._woken = monotonic()
        if self._woken - self._ended > LONG_TURN_S:
            self.lasted = 0.0

    def _end(self) -> None:
        """gevent runs what was spawned before the wait, at a higher priority than ours: it has run by now, or waits for the
        next turn."""
        self._ended = monotonic()
        self.lasted = self._ended - self._woken

    def stop(self) -> None:
        """Look no longer."""
        for watcher in self._watchers:
            watcher.stop()
            watcher.close()


class AcceptingServer(StreamServer):
    """Takes some connections a turn of the event loop when turns are long, else one, so that workers share a burst.

    gunicorn lets each of several workers always take one. In a rush a turn is a tenth of a second long, and Nginx sends what
    comes next through the connections that were taken already: those of the first second waited until their clients gave up.
    """

    _turns: Turns | None = None

    @property
    def max_accept(self) -> int:
        """Asked once a turn while connections wait."""
        return ACCEPTED_A_TURN if self._turns is not None and self._turns.lasted > LONG_TURN_S else 1

    @max_accept.setter
    def max_accept(self, _: int) -> None:
        """What gunicorn says."""

    def start_accepting(self) -> None:
        """As gevent's; from now on turns are looked at."""
        self._turns = self._turns or Turns(self.loop)
        super().start_accepting()

    def stop_accepting(self) -> None:
        """As gevent's; turns are looked at no longer."""
        if self._turns is not None:
            self._turns.stop()
            self._turns = None
        super().stop_accepting()


ggevent.StreamServer = AcceptingServer


class JoiningWorker(GeventWorker):  # type: ignore[misc] # gunicorn has no types
    """`-k app.extensions.worker.JoiningWorker`."""

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> Any:
        """As gunicorn's; what it has written is sent at the latest when it is done."""
        joining = Joining(sock)
        try:
            goes_on = super().handle_request(listener_name, req, joining, addr)
        except StopIteration:  # gunicorn's word for: the answer is complete, close the connection
            joining.flush()
            raise
        joining.flush()
        return goes_on


class Joining:
    """A connection that keeps the first write of an answer back until the second, or `flush`, comes."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self._head: bytes | None = None
        self._joined = False

    def sendall(self, data: bytes) -> None:
        """Send, after what was kept back. Raises OSError."""
        if self._joined:
            self._sock.sendall(data)
        elif self._head is None:
            self._head = data
        else:
            head, self._head, self._joined = self._head, None, True
            self._sock.sendall(head + data)

    def flush(self) -> None:
        """Send what was kept back. Raises OSError."""
        head, self._head, self._joined = self._head, None, True
        if head is not None:
            self._sock.sendall(head)

    def sendfile(self, *args: Any, **options: Any) -> Any:
        """As a socket's, after what was kept back."""
        self.flush()
        return self._sock.sendfile(*args, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)
