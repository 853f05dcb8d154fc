"""The revisions make exactly the tables that the models describe."""

from __future__ import annotations

from collections.abc import Iterator

import gevent
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, inspect, make_url, text

from app.extensions.services import Services
from migrations import configuration, head, upgrade
from migrations.lock import LOCK
from migrations.models import Base


@pytest.fixture
def empty_database(services: Services) -> Iterator[str]:
    """The URL of a second, empty database on the same server."""
    url = make_url(services.settings.database_url).set(database="seatrush_schema")
    with services.db.engine.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS seatrush_schema"))
        connection.execute(text("CREATE DATABASE seatrush_schema CHARACTER SET utf8mb4"))
    yield url.render_as_string(hide_password=False)
    with services.db.engine.connect() as connection:
        connection.execute(text("DROP DATABASE seatrush_schema"))


@pytest.fixture
def engine(empty_database: str) -> Iterator[Engine]:
    engine = create_engine(empty_database)
    yield engine
    engine.dispose()


def test_models_and_migrations_agree(empty_database: str, engine: Engine) -> None:
    upgrade(empty_database)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []
        assert context.get_current_revision() == head()


def test_every_table_has_what_every_table_has(engine: Engine, empty_database: str) -> None:
    upgrade(empty_database)
    looking = inspect(engine)
    for table in set(looking.get_table_names()) - {"alembic_version"}:
        columns = {column["name"]: column for column in looking.get_columns(table)}
        assert {"id", "create_time", "update_time"} <= columns.keys(), table
        assert looking.get_foreign_keys(table) == [], table
        assert looking.get_pk_constraint(table)["constrained_columns"] == ["id"], table
        types = {str(column["type"]).split("(")[0] for column in columns.values()}
        assert not types & {"FLOAT", "DOUBLE"}, table


def test_down_to_nothing_and_up_again(empty_database: str, engine: Engine) -> None:
    upgrade(empty_database)
    command.downgrade(configuration(empty_database), "base")
    assert set(inspect(engine).get_table_names()) == {"alembic_version"}
    upgrade(empty_database)


def test_a_second_migration_waits_for_the_first(empty_database: str, engine: Engine) -> None:
    with engine.connect() as other:
        assert other.execute(text("SELECT GET_LOCK(:name, 1)"), {"name": LOCK}).scalar_one() == 1
        waiting = gevent.spawn(upgrade, empty_database)
        gevent.sleep(0.5)
        assert not waiting.ready()
        assert inspect(engine).get_table_names() == []
        other.execute(text("SELECT RELEASE_LOCK(:name)"), {"name": LOCK})
    waiting.get(timeout=30)
    assert inspect(engine).has_table("account")
