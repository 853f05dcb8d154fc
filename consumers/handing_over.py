"""A host that cannot reach a server which others may reach hands the lease of its pass over.

A lease needs ZooKeeper and MariaDB only, so its holder would keep it for as long as its cut from Redis lasts, and a Redis
that must be rebuilt would wait for it. If no host reaches the server, the lease goes round, which costs nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from sqlalchemy.exc import DBAPIError

from app.extensions.breakers import DependencyDownError
from app.extensions.db import error_number, is_failure
from app.extensions.leases import Leases

logger = logging.getLogger(__name__)

# A server that is started again, or another one in its place, is there sooner as a rule.
PATIENCE_S = 5.0
# From here on a number is PyMySQL's own: no server answered.
CLIENT_ERRORS = 2000


class HandingOver:
    """One pass's patience. `others`: whether there is any other host; one alone has nobody to hand over to."""

    def __init__(self, leases: Leases, lease: str | None, others: Callable[[], bool]) -> None:
        self._leases = leases
        self._lease = lease
        self._others = others
        self._since: float | None = None
        self._last = 0.0

    @contextmanager
    def unless_it_works(self) -> Iterator[None]:
        """Around a turn of the pass, whose errors go through. When it has met nothing but cuts for PATIENCE_S, the lease is
        handed over."""
        try:
            yield
        except Exception as error:
            self._met(error)
            raise
        self._since = None

    def _met(self, error: Exception) -> None:
        now, last = monotonic(), self._last
        self._last = now
        # A pass that comes round seldom: nobody knows what was in between.
        if self._since is None or not is_cut(error) or now - last > 2 * PATIENCE_S:
            self._since = now if is_cut(error) else None
        elif self._lease is not None and now - self._since >= PATIENCE_S and self._others():
            self._since = None
            logger.warning("the lease %s is handed over, as this host cannot do its work: %r", self._lease, error)
            self._leases.step_aside(self._lease)


def is_cut(error: Exception) -> bool:
    """True when a server was not reached that another host may reach. What a server answers, it answers everybody; without
    ZooKeeper the lease cannot be handed over, or has been already."""
    if isinstance(error, DependencyDownError):
        return error.args[0] in {"redis", "database"}
    if isinstance(error, DBAPIError):
        return is_failure(error) and not 0 < (error_number(error) or 0) < CLIENT_ERRORS
    return isinstance(error, (RedisConnectionError, RedisTimeoutError))
