"""Operators, with the engine and the makers of the lecture tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pika
import pytest
from flask.testing import FlaskClient

from app.admission.engine import Engine
from app.auth.permissions import Role
from app.extensions.breakers import Breakers
from app.extensions.broker import AUDIT_DEAD, DEAD, declare_audit, parameters
from app.extensions.db import Database
from app.extensions.redis import connect_redis
from app.extensions.services import Services
from app.extensions.zookeeper import connect_zookeeper
from app.factory import create_app
from tests.factories import bearer, make_account
from tests.functional.admission.test_rebuild import finish_outbox
from tests.functional.lectures.conftest import Hall, engine, hall, make, manager

__all__ = ["Hall", "engine", "finish_outbox", "hall", "make", "manager"]

NOBODY = 1  # a port where nothing listens
Lamed = Callable[..., FlaskClient]


@pytest.fixture
def admin(services: Services) -> dict[str, str]:
    """The headers of a super-admin."""
    return bearer(services, make_account(services, Role.SUPER_ADMIN))


@pytest.fixture
def letters(services: Services, engine: Engine) -> Iterator[None]:
    """Empty queues of dead letters, before and after."""
    declare_audit(services.settings.amqp_url)

    def purge() -> None:
        with pika.BlockingConnection(parameters(services.settings.amqp_url)) as connection:
            for name in (DEAD, AUDIT_DEAD):
                connection.channel().queue_purge(name)

    purge()
    yield
    purge()


@pytest.fixture
def without(services: Services) -> Lamed:
    """`without("redis")`: a client of an application that cannot reach that server."""

    def lamed(*names: str, broker: int = NOBODY) -> FlaskClient:
        settings = services.settings
        if "rabbitmq" in names:
            settings = replace(settings, amqp_url=f"amqp://nobody:none@127.0.0.1:{broker}/none")
        changed = replace(
            services,
            settings=settings,
            breakers=Breakers(),
            db=Database(f"mysql+pymysql://root@127.0.0.1:{NOBODY}/none") if "mariadb" in names else services.db,
            redis=connect_redis(f"redis://127.0.0.1:{NOBODY}/0") if "redis" in names else services.redis,
            zookeeper=connect_zookeeper(f"127.0.0.1:{NOBODY}") if "zookeeper" in names else services.zookeeper,
        )
        return create_app(services=changed).test_client()

    return lamed
