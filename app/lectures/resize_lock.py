"""One manager at a time sizes a lecture, for their own sake.

The counters are right without it: withdrawals and sizes commute (functions/00_common.lua). But what one edit has taken
out of Redis ahead of its commit is missing to the other, which would be told "so many seats are taken" of seats that
nobody has, or find the lecture changed again and again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from app.errors import UnavailableError
from app.extensions.db import Database

PATIENCE_S = 5


@contextmanager
def sizing_alone(db: Database, lecture_id: int) -> Iterator[None]:
    """Hold the lecture's own MariaDB lock, from before the sizes are read until their effects have been applied.

    Raises UnavailableError when somebody else has it for longer than PATIENCE_S.
    """
    name = f"seatrush.sizes.{lecture_id}"
    with db.engine.connect() as connection:
        got = connection.scalar(text("SELECT GET_LOCK(:name, :patience)"), {"name": name, "patience": PATIENCE_S})
        if got != 1:
            raise UnavailableError(retry_after=2)
        try:
            yield
        finally:
            connection.execute(text("SELECT RELEASE_LOCK(:name)"), {"name": name})
