"""Sheets of what may be claimed, read before anybody asks: a rule that this worker does not know it cannot keep while MariaDB
says nothing, so the first claim on an offering would be a 503 then.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from time import time

import gevent
from sqlalchemy.exc import SQLAlchemyError

from app.admission.kinds import Kinds
from app.admission.sheets import Sheets
from app.extensions.breakers import Breakers, DependencyDownError
from app.extensions.db import Database

logger = logging.getLogger(__name__)

EVERY_S = 10.0
# A term has thousands of sections: whoever asks for one meanwhile must not wait long for his own, and a machine whose workers
# have just been started again has better things to do (with the first look at once, a killed web program was back 0.9 s later).
AT_ONCE = 50
BETWEEN_S = 0.25
FIRST_AFTER_S = (10.0, 20.0)

OUTAGES = (SQLAlchemyError, DependencyDownError)


class ReadingAhead:
    """One worker's. `since` is the time (Unix, seconds) of which it has read all that could be claimed; 0 for none yet."""

    def __init__(self, db: Database, kinds: Kinds, sheets: Sheets, breakers: Breakers) -> None:
        self._db = db
        self._kinds = kinds
        self._sheets = sheets
        self._breakers = breakers
        self.since = 0.0

    def run(self) -> None:
        """For ever, beside the requests. Workers that were started together do not ask MariaDB all at once."""
        gevent.sleep(random.uniform(*FIRST_AFTER_S))
        while True:
            try:
                self.look()
            except OUTAGES as error:
                logger.info("nothing is read ahead until MariaDB is back: %r", error)
            except (Exception, gevent.Timeout):
                logger.exception("what may be claimed cannot be read ahead")
            gevent.sleep(EVERY_S)

    def look(self) -> int:
        """Read what may be claimed and is not known here, or not since an edit; returns how many. Raises one of OUTAGES."""
        read, began, whole = 0, time(), True
        for name, kind in self._kinds.items():
            with self._breakers.guard("database"), self._db.reading() as session:
                current = kind.current(session)
            wanted = self._sheets.unread(name, current)
            some = wanted[: self._sheets.room()]
            whole = whole and some == wanted
            for at in range(0, len(some), AT_ONCE):
                chunk = some[at : at + AT_ONCE]
                if self._read(name, chunk):
                    read += len(chunk)
                else:
                    whole = False
                gevent.sleep(BETWEEN_S)
        if whole:
            self.since = began
        return read

    def _read(self, kind: str, offering_ids: Sequence[int]) -> bool:
        """False when one of them cannot be described: the others' turn comes all the same."""
        try:
            self._sheets.read(kind, offering_ids)
        except OUTAGES:
            raise
        except Exception:
            logger.exception("not read ahead: %s %s", kind, offering_ids)
            return False
        return True
