"""One migration at a time, over all hosts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

LOCK = "seatrush.migrations"
PATIENCE_SECONDS = 120


class MigrationLockError(Exception):
    """Somebody else has been migrating for PATIENCE_SECONDS."""


@contextmanager
def alone(connection: Connection) -> Iterator[None]:
    """Hold MariaDB's named lock: it survives the commits that DDL makes, as row locks would not."""
    taken = connection.execute(text("SELECT GET_LOCK(:name, :patience)"), {"name": LOCK, "patience": PATIENCE_SECONDS})
    if taken.scalar_one() != 1:
        raise MigrationLockError(f"another migration is still running after {PATIENCE_SECONDS} s")
    try:
        yield
    finally:
        connection.execute(text("SELECT RELEASE_LOCK(:name)"), {"name": LOCK})
