"""Says over HTTP whether this host's member of Galera may be written to: 200, or 503 with the reason; `/member` tells
how the member sees its cluster, for the watchdogs (ops.stack.watchdog.database).

`python -m ops.stack.galera_check SOCKET ADDRESS PORT PASSWORD_FILE`. A member without a majority still lets people log in,
and one that copies data still answers: only `wsrep_ready`, a primary component and the state Synced together mean yes.
"""

from __future__ import annotations

import json
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
VIEW = ("wsrep_cluster_status", "wsrep_incoming_addresses", "wsrep_cluster_state_uuid", "wsrep_last_committed")
QUESTION = "SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_ready', 'wsrep_cluster_status', 'wsrep_local_state')"

STATUS = f"SHOW GLOBAL STATUS WHERE Variable_name IN {VIEW!r}"


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
            state = self._state(QUESTION)
        except (pymysql.Error, OSError) as error:
            self._forget()
            return str(error)
        finally:
            self._lock.release()
        wrong = {name: value for name, value in state.items() if WANTED.get(name) != value}
        return ", ".join(f"{name}={value}" for name, value in wrong.items()) or ("" if state else "no Galera")

    def view(self) -> dict[str, Any]:
        """How it sees its cluster, on a new connection; `runs` is false when nobody listens, None when it can't be known."""
        if not self._lock.acquire(timeout=LIMIT_S):
            return {"runs": None}
        try:
            return {"runs": True, **self._state(STATUS)}
        except pymysql.OperationalError as error:
            why = getattr(error, "original_exception", None)
            return {"runs": False if isinstance(why, (FileNotFoundError, ConnectionRefusedError)) else None}
        except (pymysql.Error, OSError):
            return {"runs": None}
        finally:
            self._forget()
            self._lock.release()

    def _state(self, question: str) -> dict[str, str]:
        if self._connection is None:
            self._connection = pymysql.connect(
                unix_socket=self._socket,
                ssl_disabled=True,
                user=DATABASE_USER,
                password=self._password,
                connect_timeout=LIMIT_S,
                read_timeout=LIMIT_S,
                write_timeout=LIMIT_S,
            )
        with self._connection.cursor() as cursor:
            cursor.execute(question)
            return dict(cursor.fetchall())

    def _forget(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(pymysql.Error, OSError):
                connection.close()


def handler_for(member: Member, viewer: Member) -> type[BaseHTTPRequestHandler]:
    """Answers `/member` with its view of the cluster, every other address with whether it may be written to."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/member":
                self._answer(200, json.dumps(viewer.view()))
                return
            why = member.why_not()
            self._answer(503 if why else 200, f"{why or 'writable'}\n")

        def _answer(self, status: int, text: str) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """HAProxy asks twice a second; it logs what changes."""

    return Handler


def main() -> None:
    """Serve for good."""
    socket, address, port, password = sys.argv[1:]
    secret = Path(password).read_text(encoding="ascii").strip()
    # Two, so that whether it may be written to is always asked on the connection that is kept.
    handler = handler_for(Member(socket, secret), Member(socket, secret))
    server = ThreadingHTTPServer((address, int(port)), handler)
    server.daemon_threads = True
    server.serve_forever()


if __name__ == "__main__":
    main()
