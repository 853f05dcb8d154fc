"""From what a worker noted of a request to a row of request_log, and the message that carries rows to the consumer."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import orjson

from app.audit.masking import described, kept
from app.audit.models import Side
from app.auth.actor import Actor
from app.auth.permissions import Role
from app.extensions.records import record

VERSION = 1

Row = list[Any]

# Below these addresses only the staff has anything to do.
STAFF_PATHS = ("/api/manage", "/api/admin", "/api/ops")

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

# In the order of a row, with the types in which MariaDB reads them from JSON.
COLUMNS = {
    "id": "BIGINT",
    "side": "VARCHAR(8)",
    "account_id": "BIGINT",
    "username": "VARCHAR(64)",
    "role": "VARCHAR(16)",
    "method": "VARCHAR(8)",
    "path": "VARCHAR(255)",
    "endpoint": "VARCHAR(100)",
    "status": "SMALLINT",
    "request_ip": "VARCHAR(45)",
    "request_id": "VARCHAR(64)",
    "request_body": "TEXT",
    "response_body": "TEXT",
    "duration_ms": "INT",
    "at": "DATETIME(6)",
}


@record
class Noted:
    """What is known of one request. `began`, `ended`: s since the epoch. A body that was not read, or not kept, is None."""

    began: float
    ended: float
    method: str
    path: str
    endpoint: str | None
    status: int
    address: str
    request_id: str
    actor: Actor | None
    sent_type: str
    sent_length: str
    sent: bytes | None
    got_type: str
    got: bytes | None


def row_of(noted: Noted, row_id: int) -> Row:
    """The row, in the order of COLUMNS, with its secrets masked."""
    account_id, username, role = _who(noted)
    staff = noted.path.startswith(STAFF_PATHS) if role is None else role != Role.STUDENT
    return [
        row_id,
        (Side.BACKEND if staff else Side.FRONTEND).value,
        account_id,
        username,
        role,
        _text(noted.method, 8),
        _text(noted.path, 255),
        noted.endpoint,
        noted.status,
        _text(noted.address, 45),
        noted.request_id,
        _sent(noted),
        kept(noted.got, noted.got_type) if noted.got else None,
        max(0, round((noted.ended - noted.began) * 1000)),
        datetime.fromtimestamp(noted.ended, UTC).replace(tzinfo=None),
    ]


def to_message(rows: list[Row]) -> bytes:
    """The body of a message with these rows."""
    return orjson.dumps({"version": VERSION, "rows": rows})


def from_message(body: bytes) -> list[Row]:
    """The rows of a message. Raises ValueError when it holds anything else."""
    data = orjson.loads(body)
    if not isinstance(data, dict) or data.get("version") != VERSION or not isinstance(data.get("rows"), list):
        raise ValueError("not a message of audit rows of this version")
    rows: list[Row] = data["rows"]
    for row in rows:
        if not isinstance(row, list) or len(row) != len(COLUMNS) or type(row[0]) is not int:
            raise ValueError("not a row of the audit log")
        datetime.fromisoformat(str(row[-1]))  # MariaDB's JSON_TABLE would make 0000-00-00 of what is no time
    return rows


def _who(noted: Noted) -> tuple[int | None, str | None, str | None]:
    """(account, username, role): by the token; at a sign-in by the answer, or at least the name that was tried."""
    actor = noted.actor
    if actor is not None:
        return actor.account_id, actor.username, actor.role.value
    user = _member(noted.got, "user")
    if isinstance(user, dict) and str(user.get("id", "")).isdecimal():
        return int(user["id"]), _text(str(user.get("username")), 64), _text(str(user.get("role")), 16)
    tried = _member(noted.sent, "username")
    return None, _text(tried, 64) if isinstance(tried, str) else None, None


def _member(body: bytes | None, name: str) -> Any:
    if not body or f'"{name}"'.encode() not in body:
        return None
    try:
        found = orjson.loads(body)
    except ValueError:
        return None
    return found.get(name) if isinstance(found, dict) else None


def _sent(noted: Noted) -> str | None:
    if noted.sent is not None:
        return kept(noted.sent, noted.sent_type)
    # Nobody read it: a file, or a request that was refused before.
    length = noted.sent_length
    return described(noted.sent_type, length) if length.isdecimal() and length.strip("0") else None


def _text(text: str, longest: int) -> str:
    return _CONTROL.sub("�", text)[:longest]
