"""Access tokens that are called back: an account was disabled, its sessions ended, or one of them was signed out, while
its tokens still had minutes.

Redis holds who it was and from which version on tokens are good (`auth:ended`), for as long as a token lives. Accounts
and sessions stand there together: their ids are snowflakes, of which no two are alike; of a session no version is good.
Each worker keeps a copy and reads once a second what is new, beside the requests: a request pays a look into a dictionary.

It fails open, as before there was such a list: without Redis, or with one that was emptied, a token that this worker has
not heard of lives its own few minutes.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from datetime import timedelta
from time import monotonic
from typing import Any

import gevent
from gevent.event import Event

from app.auth.models import Account
from app.extensions.breakers import Breakers, DependencyDownError
from app.extensions.clock import Clock
from app.extensions.redis import RedisClient, RedisError
from app.extensions.services import Services

logger = logging.getLogger(__name__)

KEY = "auth:ended"
FRESH_S = 1.0
# Nobody has asked for so long: what came meanwhile is waited for, a little.
OLD_S = 3.0
GRACE_S = 0.1
# Hosts' clocks differ, and a write may be on its way while a newer one is read.
OVERLAP_MS = 10_000


def tell_ended(services: Services, account: Account) -> None:
    """After the commit that ended the account's sessions: their tokens are over too, everywhere within about a second.

    Never raises for Redis's sake.
    """
    _tell(services, [f"{account.id}:{account.token_version}"])


def tell_signed_out(services: Services, session_ids: Collection[int]) -> None:
    """The same for single sessions: the account's others go on."""
    _tell(services, [f"{one}:1" for one in session_ids])


def _tell(services: Services, members: Sequence[str]) -> None:
    if not members:
        return
    now = services.clock.epoch_ms()
    ttl_ms = int(services.settings.access_token_ttl.total_seconds() * 1000)
    try:
        with services.breakers.guard("redis"), services.redis.pipeline() as pipe:
            pipe.zadd(KEY, dict.fromkeys(members, now))
            pipe.zremrangebyscore(KEY, "-inf", now - ttl_ms)
            pipe.pexpire(KEY, ttl_ms + OVERLAP_MS)
            pipe.execute()
    except (RedisError, DependencyDownError) as error:
        logger.warning("tokens of %s live on for their minutes: %r", members, error)


class Revocations:
    """One process's copy. `over` is asked for every request."""

    def __init__(self, redis: RedisClient, breakers: Breakers, clock: Clock, ttl: timedelta) -> None:
        self._redis = redis
        self._breakers = breakers
        self._clock = clock
        self._ttl_ms = int(ttl.total_seconds() * 1000)
        self._known: dict[int, tuple[int, int]] = {}  # account → (version, when it was ended)
        self._newest = 0
        self._asked_at = float("-inf")
        self._reading: tuple[Event, float] | None = None  # the read under way, and since when

    def over(self, account_id: int, token_version: int, session_id: int) -> bool:
        """True when tokens of this account, version and session are called back."""
        return self.least(account_id) > token_version or session_id in self._known

    def least(self, account_id: int) -> int:
        """Tokens of this account with a lower version are over."""
        age = monotonic() - self._asked_at
        if age > FRESH_S:
            self._refresh(waiting=age > OLD_S)
        known = self._known.get(account_id)
        return known[0] if known is not None else 0

    def _refresh(self, *, waiting: bool) -> None:
        """Start the one read; whoever must not believe the copy waits for it, until it has taken GRACE_S."""
        if self._reading is None:
            self._reading = (Event(), monotonic())
            gevent.spawn(self._read, self._reading[0])
        done, since = self._reading
        left = since + GRACE_S - monotonic()
        if waiting and left > 0:
            done.wait(timeout=left)

    def _read(self, done: Event) -> None:
        try:
            now = self._clock.epoch_ms()
            since = max(self._newest - OVERLAP_MS, now - self._ttl_ms)
            with self._breakers.guard("redis"):
                found: Any = self._redis.zrangebyscore(KEY, since, "+inf", withscores=True)
            for member, ended_at in found:
                account, _, version = member.partition(b":")
                self._keep(int(account), int(version), int(ended_at))
            self._forget(now - self._ttl_ms)
        except (RedisError, DependencyDownError) as error:
            logger.info("ended accounts cannot be read: %r", error)
        finally:
            # Also after a failure: nobody is kept waiting by a Redis that is away.
            self._asked_at, self._reading = monotonic(), None
            done.set()

    def _keep(self, account_id: int, version: int, ended_at: int) -> None:
        known = self._known.get(account_id)
        if known is None or known[0] < version:
            self._known[account_id] = (version, ended_at)
        self._newest = max(self._newest, ended_at)

    def _forget(self, before_ms: int) -> None:
        if any(ended_at < before_ms for _, ended_at in self._known.values()):
            self._known = {one: known for one, known in self._known.items() if known[1] >= before_ms}
