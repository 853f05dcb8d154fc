"""Run by Alembic, under a MariaDB lock, so that two hosts that start together migrate one after the other."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine, pool

from migrations.lock import alone
from migrations.models import Base


def _run() -> None:
    engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "", poolclass=pool.NullPool)
    with engine.connect() as connection, alone(connection):
        context.configure(connection=connection, target_metadata=Base.metadata)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


_run()
