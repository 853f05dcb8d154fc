"""Sheets of what may be claimed, read before anybody asks: a rule that this worker does not know it cannot keep while MariaDB
says nothing, so the first claim on an offering would be a 503 then.
"""

from __future__ import annotations

import logging
from time import time

import gevent
from sqlalchemy.exc import SQLAlchemyError

from app.admission.kinds import Kinds
from app.admission.sheets import Sheets
from app.extensions.breakers import Breakers, DependencyDownError
from app.extensions.db import Database

logger = logging.getLogger(__name__)

EVERY_S = 10.0
# A term has thousands of sections, and whoever asks for one meanwhile must not wait long for his own.
AT_ONCE = 50
BETWEEN_S = 0.1


class ReadingAhead:
    """One worker's. `since` is the time (Unix, seconds) of which it has read all that could be claimed; 0 for none yet."""

    def __init__(self, db: Database, kinds: Kinds, sheets: Sheets, breakers: Breakers) -> None:
        self._db = db
        self._kinds = kinds
        self._sheets = sheets
        self._breakers = breakers
        self.since = 0.0

    def run(self) -> None:
        """For ever, beside the requests."""
        while True:
            try:
                self.look()
            except (SQLAlchemyError, DependencyDownError) as error:
                logger.info("nothing is read ahead until MariaDB is back: %r", error)
            except (Exception, gevent.Timeout):
                logger.exception("sheets could not be read ahead")
            gevent.sleep(EVERY_S)

    def look(self) -> int:
        """Read what may be claimed and was never read here; returns how many. Raises SQLAlchemyError, DependencyDownError."""
        read, began = 0, time()
        for name, kind in self._kinds.items():
            with self._breakers.guard("database"), self._db.reading() as session:
                current = kind.current(session)
            wanted = self._sheets.unread(name, current)
            for at in range(0, len(wanted), AT_ONCE):
                read += len(self._sheets.get_all(name, wanted[at : at + AT_ONCE]))
                gevent.sleep(BETWEEN_S)
        self.since = began
        return read
