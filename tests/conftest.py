"""One stack of real servers for the whole run, and the application on top of it. Never mocks.

`SEATRUSH_TEST_STACK=<folder>` keeps a stack there and uses it again in the next run, which saves its start.
"""

from __future__ import annotations

from gevent import monkey

# Before every other import, as in wsgi.py: the application is made for patched processes.
# ruff: noqa: E402
monkey.patch_all()

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as search
from sqlalchemy import Table, TextClause, text
from sqlalchemy.orm import Session

from app.extensions.breakers import Breakers
from app.extensions.db import Database
from app.extensions.redis import patiently
from app.extensions.services import Services
from app.factory import create_app, equip
from app.settings import Settings
from blueprints.lean import LeanFlask
from migrations import upgrade
from migrations.models import Base
from ops.stack import Stack, StackConfig
from tests.clock import TravelClock
from tests.stacks import folder_of, standing

Rows = dict[Table, list[dict[str, Any]]]

# A machine on which two lanes start servers is slow: that is no defect of what is tested.
search.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
search.load_profile("patient")


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The servers of this run: MariaDB, Redis, RabbitMQ, ZooKeeper, Nginx; no programs."""
    folder, kept = folder_of("SEATRUSH_TEST_STACK", lambda: tmp_path_factory.mktemp("servers") / "root")
    with standing(Stack(StackConfig.for_folder(folder, name="test", programs=())), kept=kept) as running:
        yield running


@pytest.fixture(scope="session")
def settings(stack: Stack) -> Settings:
    """The settings the application would read in that stack."""
    return Settings.from_environment(
        {name.removeprefix("SEATRUSH_"): value for name, value in stack.environment().items()}
    )


@pytest.fixture(scope="session")
def clients(settings: Settings) -> Iterator[Services]:
    """The clients of this process, shared by all tests; the tables are freshly migrated."""
    made = Services.for_process(settings)
    with made.db.engine.connect() as connection:
        name = made.db.engine.url.database
        connection.execute(text(f"DROP DATABASE {name}"))
        connection.execute(text(f"CREATE DATABASE {name} CHARACTER SET utf8mb4"))
    made.db.dispose()
    upgrade(settings.database_url)
    yield made
    made.close()


@pytest.fixture(scope="session")
def initial_rows(clients: Services) -> Rows:
    """What the migrations themselves put into tables: every test begins with exactly that."""
    with clients.db.transaction() as session:
        return {table: _rows(session, table) for table in Base.metadata.sorted_tables}


@pytest.fixture
def clock() -> TravelClock:
    """The clock of one test; `clock.advance(seconds)` moves it."""
    return TravelClock()


@pytest.fixture
def services(clients: Services, initial_rows: Rows, clock: TravelClock, tmp_path: Path) -> Services:
    """The shared clients with a clock, breakers and a spool of the test's own, over empty tables and an empty Redis.

    A broker that takes its time makes any test spool a claim. Its engine holds that segment for good: in a shared folder
    every later rebuild would wait for it.
    """
    _reset(clients, initial_rows)
    settings = replace(clients.settings, spool_dir=tmp_path / "services-spool")
    return replace(clients, settings=settings, clock=clock, breakers=Breakers())


@pytest.fixture
def db(services: Services) -> Database:
    """The database, emptied."""
    return services.db


@pytest.fixture(scope="session")
def routes(clients: Services) -> LeanFlask:
    """The web application's routes and their documentation: a quarter of a second's work, done once."""
    return create_app(services=clients)


@pytest.fixture
def app(routes: LeanFlask, services: Services) -> LeanFlask:
    """The web application, with everything else of its own. Whoever adds routes makes one of its own."""
    equip(routes, services)
    return routes


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Speaks HTTP to the application, in process, and asks for English."""
    made = app.test_client()
    made.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return made


def _reset(clients: Services, initial_rows: Rows) -> None:
    """Before a test rather than after it, so that what a failed one left can be looked at."""
    with clients.db.transaction() as session:
        used = set(session.scalars(_used(initial_rows)))
        for table, rows in initial_rows.items():
            if table.name in used:
                session.execute(table.delete())
            if rows:
                session.execute(table.insert(), rows)
    patiently(clients.redis.flushdb)  # the machine may stand still for a second


def _used(tables: Iterable[Table]) -> TextClause:
    """Asks for the names of the tables that have rows: a test writes to some of them, and emptying fifty takes its time."""
    return text(" UNION ALL ".join(f"SELECT '{one.name}' WHERE EXISTS (SELECT 1 FROM {one.name})" for one in tables))


def _rows(session: Session, table: Table) -> list[dict[str, Any]]:
    return [dict(row) for row in session.execute(table.select()).mappings()]
