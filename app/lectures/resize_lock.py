"""One manager at a time sizes a lecture.

Taking seats out of Redis, and giving them back when the edit fails, are relative steps; the size that follows a commit
is absolute. If another edit's size came in between, seats given back would be counted twice (found by the race test in
tests/functional/lectures/test_editing.py: 12 seats too many in Redis).
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
