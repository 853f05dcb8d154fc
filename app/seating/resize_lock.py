"""One manager at a time sizes an offering, for their own sake.

The counters are right without it: withdrawals and sizes commute (functions/00_common.lua). But what one edit has taken
out of Redis ahead of its commit is missing to the other, which would be told "so many seats are taken" of seats that
nobody has, or find the offering changed again and again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from app.extensions.db import Database
from app.extensions.named_lock import alone


@contextmanager
def sizing_alone(db: Database, offering_id: int) -> Iterator[None]:
    """Hold the offering's own MariaDB lock, from before the sizes are read until their effects have been applied.

    Raises UnavailableError when somebody else has it for too long.
    """
    with alone(db, f"seatrush.sizes.{offering_id}"):
        yield
