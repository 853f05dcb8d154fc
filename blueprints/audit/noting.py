"""Which requests the audit log hears of, and what of them.

`note` is called with every answer, so it only picks things up; `read` understands them when the request is long over.
"""

from __future__ import annotations

from collections.abc import Callable
from time import time
from typing import Any

from flask import Request, Response

from app.audit.masking import LARGEST
from app.audit.recorder import Recorder
from app.audit.rows import STAFF_PATHS, Noted
from app.auth.identity import Identity
from app.controls.reading import Controls
from app.extensions.services import Services
from blueprints.context import client_address, given_request_id, request_id
from blueprints.lean import BEGAN

OnAnswer = Callable[[Request, Response], None]
# In the order of _Reader.read. Never the request or its environment, which would live on with its socket.
_Entry = tuple[Any, ...]

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
# Who looks at rosters and logs is noted; ops pages ask again every second and show no person.
_NOTED_READS = tuple(path for path in STAFF_PATHS if path != "/api/ops")


def auditing(services: Services, identity: Identity, controls: Controls) -> tuple[Recorder[_Entry], OnAnswer]:
    """The audit log of this process, and what tells it of an answer: of every write, every sign-in (a write too), and
    the staff's reads of people's data."""
    recorder = Recorder(services, _Reader(identity, controls).read)
    take = recorder.take

    def note(request: Request, response: Response) -> None:
        environ = request.environ
        method = environ["REQUEST_METHOD"]
        path = environ["PATH_INFO"]
        if method in _READS and not path.startswith(_NOTED_READS):
            return
        take(
            (
                environ.get(BEGAN),
                time(),
                method,
                path,
                request.url_rule,
                environ.get("HTTP_X_REAL_IP") or client_address(),
                given_request_id(environ) or request_id(),
                environ.get("HTTP_AUTHORIZATION"),
                environ.get("CONTENT_TYPE", ""),
                environ.get("CONTENT_LENGTH", ""),
                # What the view has read, if it has (`Request.get_data` keeps it there): nobody waits for a body here.
                request.__dict__.get("_cached_data"),
                response.status_code,
                response if method not in _READS or response.status_code >= 400 else None,
            )
        )

    return recorder, note


class _Reader:
    def __init__(self, identity: Identity, controls: Controls) -> None:
        self._tokens = identity.tokens
        self._controls = controls

    def read(self, entry: _Entry) -> Noted | None:
        """What an entry says; None for a read by the staff when those are not wanted."""
        began, ended, method, path, rule, address, request_id_, token, sent_type, sent_length, sent, status, answer = (
            entry
        )
        if method in _READS and not self._controls.known("audit_staff_reads"):
            return None
        return Noted(
            began=ended if began is None else began,
            ended=ended,
            method=method,
            # WSGI hands the bytes of the address over as latin-1.
            path=path.encode("latin-1", "replace").decode(errors="replace"),
            endpoint=None if rule is None else rule.endpoint,
            status=status,
            address=address,
            request_id=request_id_,
            actor=self._tokens.remembered(token[7:].strip()) if token else None,
            sent_type=sent_type,
            sent_length=sent_length,
            sent=sent,
            got_type="" if answer is None else answer.content_type or "",
            got=None if answer is None else _body(answer),
        )


def _body(response: Response) -> bytes | None:
    """The body if it is whole and small; a stream is nobody's to read but the client's."""
    chunks = response.response
    if not isinstance(chunks, (list, tuple)) or len(chunks) != 1:
        return None
    data = chunks[0].encode() if isinstance(chunks[0], str) else chunks[0]
    return data if len(data) <= LARGEST else None
