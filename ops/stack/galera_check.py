"""Says over HTTP whether this host's member of Galera may be written to: 200, or 503 with the reason.

`python -m ops.stack.galera_check SOCKET ADDRESS PORT PASSWORD_FILE`. A member without a majority still lets people log in,
and one that copies data still answers: only `wsrep_ready`, a primary component and the state Synced together mean yes.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any

import pymysql

from ops.stack.environment import DATABASE_USER

LIMIT_S = 0.6  # below HAProxy's own limit for a check, so that it hears a reason
SYNCED = "4"
WANTED = {"wsrep_ready": "ON", "wsrep_cluster_status": "Primary", "wsrep_local_state": SYNCED}
QUESTION = "SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_ready', 'wsrep_cluster_status', 'wsrep_local_state')"


class Member:
    """One connection, kept: a server whose connections are all taken is busy, not unfit."""

    def __init__(self, socket: str, password: str) -> None:
        self._socket = socket
        self._password = password
        self._connection: Any = None
        self._lock = Lock()

    def why_not(self) -> str:
        """Empty when it may be written to, else the reason."""
        if not self._lock.acquire(timeout=LIMIT_S):
            return "no answer"
        try:
            state = self._state()
        except (pymysql.Error, OSError) as error:
            self._forget()
            return str(error)
        finally:
            self._lock.release()
        wrong = {name: value for name, value in state.items() if WANTED.get(name) != value}
        return ", ".join(f"{name}={value}" for name, value in wrong.items()) or ("" if state else "no Galera")

    def _state(self) -> dict[str, str]:
        if self._connection is None:
            self._connection = pymysql.connect(
                unix_socket=self._socket,
                user=DATABASE_USER,
                password=self._password,
                connect_timeout=LIMIT_S,
                read_timeout=LIMIT_S,
                write_timeout=LIMIT_S,
            )
        with self._connection.cursor() as cursor:
            cursor.execute(QUESTION)
            return dict(cursor.fetchall())

    def _forget(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(pymysql.Error, OSError):
                connection.close()


def handler_for(member: Member) -> type[BaseHTTPRequestHandler]:
    """Answers every address with the member's state."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            why = member.why_not()
            body = f"{why or 'writable'}\n".encode()
            self.send_response(503 if why else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """HAProxy asks twice a second; it logs what changes."""

    return Handler


def main() -> None:
    """Serve for good."""
    socket, address, port, password = sys.argv[1:]
    member = Member(socket, Path(password).read_text(encoding="ascii").strip())
    server = ThreadingHTTPServer((address, int(port)), handler_for(member))
    server.daemon_threads = True
    server.serve_forever()


if __name__ == "__main__":
    main()
