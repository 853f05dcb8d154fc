"""MariaDB's named locks: for what must be done by one at a time and has no row of its own to be locked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from app.errors import UnavailableError
from app.extensions.db import Database

PATIENCE_S = 5


@contextmanager
def alone(db: Database, name: str) -> Iterator[None]:
    """Hold the lock, on a connection of its own. Raises UnavailableError when somebody else has it for PATIENCE_S."""
    with db.engine.connect() as connection:
        got = connection.scalar(text("SELECT GET_LOCK(:name, :patience)"), {"name": name, "patience": PATIENCE_S})
        if got != 1:
            raise UnavailableError(retry_after=2)
        try:
            yield
        finally:
            connection.execute(text("SELECT RELEASE_LOCK(:name)"), {"name": name})
