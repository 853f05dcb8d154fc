"""MariaDB's named locks: for what must be done by one at a time and has no row of its own to be locked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from app.errors import UnavailableError
from app.extensions.db import Database

PATIENCE_S = 5


@contextmanager
def named_lock(db: Database, name: str, *, patience_s: int = 0) -> Iterator[bool]:
    """Hold the lock on a connection of its own; yields whether it was to be had, at once or within so many seconds."""
    with db.engine.connect() as connection:
        asked = {"name": name, "patience": patience_s}
        got = connection.scalar(text("SELECT GET_LOCK(:name, :patience)"), asked) == 1
        try:
            yield got
        finally:
            if got:
                connection.execute(text("SELECT RELEASE_LOCK(:name)"), {"name": name})


@contextmanager
def alone(db: Database, name: str) -> Iterator[None]:
    """Hold the lock. Raises UnavailableError when somebody else has it for PATIENCE_S."""
    with named_lock(db, name, patience_s=PATIENCE_S) as mine:
        if not mine:
            raise UnavailableError(retry_after=2)
        yield
