"""The global token bucket: how many claims a second are admitted at all. MariaDB keeps it, Redis counts with it."""

from __future__ import annotations

from time import monotonic

import gevent
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admission.epochs import EpochFollower
from app.admission.models import AdmissionControl
from app.admission.store import EpochError, SeatStore
from app.errors import UnavailableError
from app.extensions.db import Database

# From the loss of Redis to `sr_begin` takes the watch half a second and a little; claims of before are drained later.
BEGUN_WITHIN_S = 3.0
RETRY_S = 0.1


class Bucket:
    """Read it and change it live."""

    def __init__(self, db: Database, store: SeatStore, epochs: EpochFollower) -> None:
        self._db = db
        self._store = store
        self._epochs = epochs

    def read(self) -> tuple[int, int]:
        """(rate, burst)."""
        with self._db.reading() as session:
            control = session.get_one(AdmissionControl, 1)
            return control.rate, control.burst

    def change(self, rate: int, burst: int) -> None:
        """MariaDB first, then Redis; returns when both have it.

        Raises UnavailableError when Redis is not being rebuilt in time: what MariaDB holds counts from the rebuild on.
        """
        with self._db.transaction() as session:
            epoch = _store(session, rate, burst)
        # A rebuild that raises the epoch after this one hands our numbers over itself; the one that raised it to this
        # one may have read the old ones, so Redis must have got as far before it is told.
        epoch = max(epoch, self._epochs.current)
        deadline = monotonic() + BEGUN_WITHIN_S
        while True:
            try:
                self._store.set_bucket(rate=rate, burst=burst, fence=str(epoch))
                return
            except EpochError as error:
                if monotonic() > deadline:
                    raise UnavailableError(retry_after=2) from error
                if error.verdict == "behind":
                    epoch = error.current
                else:
                    gevent.sleep(RETRY_S)


def _store(session: Session, rate: int, burst: int) -> int:
    """Returns the epoch, read under the lock that a rebuild takes to raise it."""
    query = select(AdmissionControl).where(AdmissionControl.id == 1).with_for_update()
    control = session.scalars(query).one()
    control.rate, control.burst = rate, burst
    return control.epoch
