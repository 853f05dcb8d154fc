"""The fencing epoch: MariaDB holds it, Redis carries it, every process follows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import select, update

from app.admission.models import AdmissionControl
from app.admission.store import EpochError
from app.extensions.db import Database

T = TypeVar("T")

# A worker whose breaker was open tries Redis again within its reset time (1 s); until then it publishes unrecorded.
WORKERS_SWITCH_WITHIN_S = 1.5


def filling(epoch: int) -> str:
    """The key that is there until a rebuild under this epoch has done its last step."""
    return f"sr:filling:{epoch}"


class EpochFollower:
    """This process's idea of the epoch. Follows a newer Redis; never believes an older one.

    Another run of the server is the store's part: each connection adds the run id of its own server to the fence.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self.current = 0

    def fenced(self, call: Callable[[str], T]) -> T:
        """Run `call(fence)`; when Redis says we are behind, catch up and run it once more. Raises EpochError."""
        try:
            return call(str(self.current))
        except EpochError as error:
            if error.verdict != "behind":
                raise
            self.current = error.current
            return call(str(self.current))

    def learn(self) -> int:
        """Read the epoch from MariaDB: what a stale Redis is measured against."""
        with self._db.transaction() as session:
            stored = session.scalar(select(AdmissionControl.epoch).where(AdmissionControl.id == 1)) or 0
        self.current = max(self.current, stored)
        return self.current


def advance(db: Database) -> tuple[int, int, int]:
    """Raise the epoch by one; returns (epoch, rate, burst)."""

    with db.transaction() as session:
        session.execute(
            update(AdmissionControl).where(AdmissionControl.id == 1).values(epoch=AdmissionControl.epoch + 1)
        )
        row = session.execute(
            select(AdmissionControl.epoch, AdmissionControl.rate, AdmissionControl.burst).where(
                AdmissionControl.id == 1
            )
        ).one()
        return row.epoch, row.rate, row.burst
