"""Run by Alembic, under a MariaDB lock, so that two hosts that start together migrate one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from sqlalchemy import Connection, create_engine, pool, text

from migrations.models import Base

LOCK = "seatrush.migrations"
PATIENCE_SECONDS = 120


class MigrationLockError(Exception):
    """Somebody else has been migrating for PATIENCE_SECONDS."""


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """MariaDB commits at every DDL statement; a named lock survives that, row locks would not."""
    taken = connection.execute(text("SELECT GET_LOCK(:name, :patience)"), {"name": LOCK, "patience": PATIENCE_SECONDS})
    if taken.scalar_one() != 1:
        raise MigrationLockError(f"another migration is still running after {PATIENCE_SECONDS} s")
    try:
        yield
    finally:
        connection.execute(text("SELECT RELEASE_LOCK(:name)"), {"name": LOCK})


def _run() -> None:
    engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "", poolclass=pool.NullPool)
    with engine.connect() as connection, _alone(connection):
        context.configure(connection=connection, target_metadata=Base.metadata)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


_run()
