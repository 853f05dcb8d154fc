"""What the rest of the application asks: the value that holds now, from a copy that is at most seconds old."""

from __future__ import annotations

import logging
from time import monotonic
from typing import Any

import gevent
from gevent.lock import BoundedSemaphore
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.controls.models import ControlRow
from app.controls.registry import REGISTRY, control_of
from app.extensions.breakers import DependencyDownError
from app.extensions.services import Services

logger = logging.getLogger(__name__)

FRESH_S = 3.0


class Controls:
    """One per process. While MariaDB is away the last values known hold, or the defaults: a setting stops nobody."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._values: dict[str, Any] = {}
        self._read_at = -FRESH_S
        self._lock = BoundedSemaphore()

    def get(self, key: str) -> Any:
        """The value of a setting, at most FRESH_S old. Raises ControlNotFoundError for a name nobody registered."""
        control = control_of(key)
        if monotonic() - self._read_at >= FRESH_S:
            self._refresh()
        return self._values.get(key, control.default)

    def known(self, key: str) -> Any:
        """The value as last read, without waiting for anything: it is read again beside the caller."""
        if monotonic() - self._read_at >= FRESH_S and not self._lock.locked():
            gevent.spawn(self._refresh)
        return self._values.get(key, control_of(key).default)

    def number(self, key: str) -> int:
        """The value of a whole number."""
        return int(self.get(key))

    def _refresh(self) -> None:
        with self._lock:
            if monotonic() - self._read_at < FRESH_S:
                return
            try:
                with self._services.breakers.guard("database"), self._services.db.transaction() as session:
                    rows = session.execute(select(ControlRow.key, ControlRow.value)).all()
                self._values = {row.key: row.value for row in rows if _still_good(row.key, row.value)}
            except (SQLAlchemyError, DependencyDownError) as error:
                logger.warning("system settings stay as they were last read: %r", error)
            self._read_at = monotonic()


def stored_number(session: Session, key: str) -> int:
    """The value of a whole number as this transaction sees it: for what is written together with something else."""
    value = session.scalar(select(ControlRow.value).where(ControlRow.key == key))
    return int(value if value is not None and _still_good(key, value) else control_of(key).default)


def _still_good(key: str, value: Any) -> bool:
    """False for what another version of the application stored and this one would not take: its default holds."""
    control = REGISTRY.get(key)
    if control is None:
        return False
    try:
        control.check(value)
    except ValueError:
        logger.error("the stored value of %s is not valid; its default holds", key)
        return False
    return True
