"""How far Redis is behind MariaDB, as this worker last saw it: what Redis says of a claim that is not final may be told only
when every decision of more than a moment ago has reached it.

Workers do not all see the same servers. One that cannot reach Redis tells what MariaDB has decided; another one that
still reaches it would then take that back, for as long as the effect cannot get there. So the one keeps what was decided
less than `TELL_AFTER_S` ago to itself, and the other learns within that time that effects are late.
"""

from __future__ import annotations

from time import monotonic

import gevent
from sqlalchemy.exc import SQLAlchemyError

from app.admission.outbox import late
from app.extensions.breakers import Breakers, DependencyDownError
from app.extensions.db import Database

LOOK_EVERY_S = 0.3
FRESH_S = 0.8  # an older look says nothing
# Effects are marked as done with the next transaction that settles, or half a second later. In a rush they may be later than
# this; then who polls costs MariaDB a look-up by key, which is shared.
LATE_S = 1.5
# By then every worker's last look that it may go by was after the effect had become late. The rest is for what a transaction
# takes from its last statement, which dates it, to its commit.
TELL_AFTER_S = LATE_S + FRESH_S + 0.9
# Who asks for a claim does not wait longer for a MariaDB that hangs.
GRACE_S = 0.25


class Lag:
    """Looks when it is asked, so that nobody looks when nobody asks."""

    def __init__(self, db: Database, breakers: Breakers) -> None:
        self._db = db
        self._breakers = breakers
        self._looked_at = -FRESH_S
        self._looker: gevent.Greenlet[[], None] | None = None
        self._late = False

    def none(self) -> bool:
        """True when Redis, asked from now on, has every decision of more than `LATE_S` ago.

        While MariaDB does not answer: as far as is known. Nothing is decided meanwhile, and "unknown" all the time is no help.
        """
        if self._looker is None and monotonic() - self._looked_at > LOOK_EVERY_S:
            self._looker = gevent.spawn(self._look)
        if self._looker is not None and not self._fresh():
            self._looker.join(GRACE_S)
        return not self._late and (self._fresh() or self._looker is not None)

    def _fresh(self) -> bool:
        return monotonic() - self._looked_at < FRESH_S

    def _look(self) -> None:
        begun = monotonic()
        try:
            with self._breakers.guard("database"), self._db.transaction() as session:
                self._late = late(session, seconds=LATE_S)
        except (SQLAlchemyError, DependencyDownError):
            begun = monotonic()
        finally:
            self._looked_at, self._looker = begun, None
