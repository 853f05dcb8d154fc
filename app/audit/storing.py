"""Rows into request_log, and out of it again when they are old."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Table, delete
from sqlalchemy.orm import Session

from app.audit.models import RequestLog
from app.audit.rows import COLUMNS, Row
from app.extensions import bulk
from app.extensions.clock import Clock
from app.extensions.db import Database

_TABLE: Table = RequestLog.__table__  # type: ignore[assignment] # the ORM's stubs allow any FROM clause
_INSERT = bulk.insert_statement("request_log", COLUMNS, skip_known=True)

CHUNK = 2000
CHUNKS = 20


def store(session: Session, rows: Sequence[Row]) -> None:
    """Insert rows; one whose id is known already stays as it is. Raises DataError for what does not fit."""
    bulk.run(session, _INSERT, rows)


def forget_old(db: Database, clock: Clock, keep_days: int) -> int:
    """Delete rows older than that, a chunk a transaction and a bounded number of chunks, so that neither a lock nor the
    log of the server grows long. Returns how many; the next pass goes on."""
    before, gone = clock.now() - timedelta(days=keep_days), 0
    statement: Any = delete(_TABLE).where(_TABLE.c.at < before).with_dialect_options(mysql_limit=CHUNK)
    for _ in range(CHUNKS):
        with db.transaction() as session:
            count = session.connection().execute(statement).rowcount
        gone += count
        if count < CHUNK:
            break
    return gone
