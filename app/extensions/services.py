"""One set of clients per process, made after the fork and connected on first use."""

from __future__ import annotations

from dataclasses import dataclass, field

import gevent
from gevent.event import Event
from kazoo.client import KazooClient, KazooState

from app.extensions import campus_time
from app.extensions.breakers import Breakers
from app.extensions.clock import CampusClock, Clock
from app.extensions.db import Database
from app.extensions.db_link import UNHURRIED, Patience
from app.extensions.ids import Snowflakes
from app.extensions.publisher import Publisher
from app.extensions.pulse import Pulse
from app.extensions.redis import RedisClient, connect_redis
from app.extensions.tries import Tries
from app.extensions.zookeeper import connect_zookeeper
from app.settings import Settings

# How long a program that starts waits for the campus's time: without it, it would go by its machine's.
TIME_WITHIN_S = 2.0


@dataclass(slots=True)
class Services:
    """What a use case may be handed. Build with `Services.for_process(settings)`."""

    settings: Settings
    clock: Clock
    ids: Snowflakes
    db: Database
    redis: RedisClient
    publisher: Publisher
    zookeeper: KazooClient
    breakers: Breakers = field(default_factory=Breakers)
    tries: Tries = field(init=False)
    pulse: Pulse = field(init=False)

    def __post_init__(self) -> None:
        self.tries = Tries(self.redis, self.breakers, self.clock)
        self.pulse = Pulse(self.settings.pulses_dir)

    @classmethod
    def for_process(cls, settings: Settings, clock: Clock | None = None, *, patience: Patience = UNHURRIED) -> Services:
        """Make the clients of this process. Opens no connection. `patience`: with MariaDB."""
        return cls(
            settings=settings,
            clock=clock or CampusClock(),
            ids=Snowflakes(settings.run_dir, settings.host_number),
            db=Database(settings.database_url, settings.replica_url, patience=patience),
            redis=connect_redis(settings.redis_url),
            publisher=Publisher(settings.amqp_url),
            zookeeper=connect_zookeeper(settings.zookeeper_hosts),
        )

    def start(self) -> None:
        """Begin connecting to ZooKeeper, lease a worker number when it answers, and follow the campus's time."""
        self.zookeeper.add_listener(self._follow_zookeeper)
        connected = self.zookeeper.start_async()

        def lease() -> None:
            connected.wait()
            self.ids.lease_from(self.zookeeper)

        gevent.spawn(lease)
        known = Event()
        gevent.spawn(campus_time.follow, self.db, self.breakers, known)
        known.wait(timeout=TIME_WITHIN_S)

    def _follow_zookeeper(self, state: str) -> None:
        if state == KazooState.CONNECTED:
            self.breakers.try_again("zookeeper")

    def close(self) -> None:
        """Give back what a server would otherwise have to time out."""
        self.zookeeper.stop()
        self.zookeeper.close()
        self.db.dispose()
        self.redis.close()
