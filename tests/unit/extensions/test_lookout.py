"""Many who ask for the primary at once, while the sentinels say nothing."""

from __future__ import annotations

import socket

import gevent
import pytest
from redis.exceptions import RedisError

from app.addresses import SentinelAddress
from app.extensions.primary import Lookout


def test_nobody_waits_for_more_than_two_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        lookout = Lookout(SentinelAddress.parse(f"redis+sentinel://127.0.0.1:{silent.getsockname()[1]}/campus"))
        looks: list[int] = []
        look = lookout._look

        def counted() -> None:
            looks.append(1)
            look()

        monkeypatch.setattr(lookout, "_look", counted)
        asking = [gevent.spawn(lookout.find) for _ in range(10)]
        gevent.joinall(asking)
        lookout.close()
    assert all(isinstance(one.exception, RedisError) for one in asking)
    assert len(looks) <= 2
