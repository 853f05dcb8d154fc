"""Two at once: one stands still, in the middle of its transaction, until the other is as far as it can get."""

from __future__ import annotations

from time import monotonic
from typing import Any

import gevent
from sqlalchemy import text

from app.extensions.db import Database

# As MariaDB counts now, whoever waits; a test's stack is its own.
_WAITING = text("SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'")
GENEROUS_S = 30.0


def until_done_or_held_up(other: gevent.Greenlet[..., Any], db: Database) -> None:
    """Return when `other` is done, or waits for a row: one that the caller holds, when nobody else is about.

    With the guard that is tested on, it waits; with it off, it gets through. No time decides which.
    """
    until = monotonic() + GENEROUS_S
    while not other.ready() and not _somebody_waits(db):
        assert monotonic() < until, "the other neither gets through nor waits for a row"
        gevent.sleep(0.01)


def _somebody_waits(db: Database) -> bool:
    with db.transaction() as session:
        return int(session.execute(_WAITING).one()[1]) > 0
