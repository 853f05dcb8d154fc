"""Redis behind Sentinel: every connection of the pool goes to the primary of the moment.

redis-py's own pool for it neither blocks when it is empty nor may its look-ups overlap (two that swap its list of sentinels
lose one); both are done here.
"""

from __future__ import annotations

from time import monotonic
from typing import Any

from gevent.lock import RLock
from redis import BlockingConnectionPool, Connection
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ReadOnlyError, RedisError
from redis.retry import Retry
from redis.sentinel import MasterNotFoundError, Sentinel

from app.addresses import SentinelAddress

# A sentinel that is cut off must not hold up the others' answers: they answer in a millisecond.
ASK_WITHIN_S = 0.3
# How long a primary that was replaced without dropping its connections (frozen, and back again) may still be believed.
# Two of them answer each other's question no better than one that is away, so they are not asked for every call.
LOOK_EVERY_S = 0.5

Address = tuple[str, int]


class Lookout:
    """Knows where the primary is. One per pool; one look at a time."""

    def __init__(self, address: SentinelAddress) -> None:
        self._name = address.name
        self._sentinel = Sentinel(
            address.sentinels,
            sentinel_kwargs={
                "socket_timeout": ASK_WITHIN_S,
                "socket_connect_timeout": ASK_WITHIN_S,
                "retry": Retry(NoBackoff(), 0),
                "password": address.sentinel_password,
            },
        )
        self._looking = RLock()
        self._looked_at = -LOOK_EVERY_S
        self._began_at = 0.0
        self._failed: str | None = None
        self.primary: Address | None = None

    def find(self) -> Address:
        """Ask now. Raises RedisError when no sentinel knows a primary that is up.

        Whoever had to wait for another's look that began later takes its word: else each of a pool's connections would wait
        for all those before it, a second each while sentinels are cut off.
        """
        asked_at = monotonic()
        with self._looking:
            if self._began_at < asked_at:
                self._look()
            if self._failed is not None or self.primary is None:
                raise MasterNotFoundError(self._failed)
            return self.primary

    def _look(self) -> None:
        self._began_at, self._failed = monotonic(), None
        try:
            self.primary = self._sentinel.discover_master(self._name)
            self._looked_at = monotonic()
        except RedisError as error:
            self._failed = str(error)

    def due(self) -> bool:
        """True once every LOOK_EVERY_S, for one caller."""
        if monotonic() - self._looked_at < LOOK_EVERY_S:
            return False
        self._looked_at = monotonic()
        return True

    def close(self) -> None:
        self._sentinel.close()


class PrimaryConnection(Connection):
    """Connects to whatever is the primary then."""

    def __init__(self, *, lookout: Lookout, **options: Any) -> None:
        super().__init__(**options)
        self._lookout = lookout

    def _connect(self) -> Any:
        self.host, self.port = self._lookout.find()
        return super()._connect()

    def read_response(self, *args: Any, **options: Any) -> Any:
        """As redis-py's. A primary that has become a replica is as good as away: this connection is not used again."""
        try:
            return super().read_response(*args, **options)
        except ReadOnlyError as error:
            self.disconnect()
            raise RedisConnectionError("the server is not the primary any more") from error

    @property
    def address(self) -> Address:
        return self.host, self.port


class PrimaryPool(BlockingConnectionPool):
    """A blocking pool that leaves a primary when another one has taken over, even if it says nothing about it."""

    def __init__(self, address: SentinelAddress, **options: Any) -> None:
        self.lookout = Lookout(address)
        super().__init__(
            connection_class=PrimaryConnection,
            lookout=self.lookout,
            db=address.database,
            username=address.username,
            password=address.password,
            **options,
        )

    def get_connection(self, command_name: Any = None, *keys: Any, **options: Any) -> Any:
        """As the blocking pool's. Raises RedisError."""
        if self.lookout.due():
            self._follow()
        connection = super().get_connection()
        if connection.address != self.lookout.primary:
            # It stayed connected to another server: what that says is of yesterday.
            connection.disconnect()
            self.release(connection)
            connection = super().get_connection()
        return connection

    def _follow(self) -> None:
        try:
            self.lookout.find()
        except RedisError:
            return  # no sentinel answers, or none has a primary: what is connected is used as long as it answers

    def close(self) -> None:
        """Close the sentinels' connections too."""
        super().close()
        self.lookout.close()
