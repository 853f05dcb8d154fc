"""While MariaDB is away a consumer gives its messages back to the queue and waits here."""

from __future__ import annotations

from gevent.event import Event
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.extensions.services import Services


class OutageError(Exception):
    """MariaDB cannot take the batch now."""


def wait_for_database(services: Services, stopping: Event) -> None:
    """Return when MariaDB answers again, or when told to stop."""
    while not stopping.wait(0.3):
        try:
            with services.db.transaction() as session:
                session.execute(text("SELECT 1"))
        except SQLAlchemyError:
            continue
        return
