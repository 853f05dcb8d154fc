"""What the members of clusters say of themselves, read: their words are those of MariaDB 10.11 and Redis 7."""

from __future__ import annotations

import pytest

from app.operations.members import galera_member, redis_member
from app.operations.servers import replicas

SYNCED = {
    "wsrep_ready": "ON",
    "wsrep_cluster_status": "Primary",
    "wsrep_local_state_comment": "Synced",
    "wsrep_local_recv_queue": "3",
}
REPLICA = {"role": "slave", "master_link_status": "up", "master_last_io_seconds_ago": 2}


@pytest.mark.parametrize(
    ("changes", "note", "fit"),
    [
        ({}, "Synced", True),
        ({"wsrep_ready": "OFF", "wsrep_local_state_comment": "Joining: receiving State Transfer"}, "Joining", False),
        ({"wsrep_ready": "OFF", "wsrep_cluster_status": "non-Primary"}, "non-Primary", False),
    ],
)
def test_a_member_of_galera(changes: dict[str, str], note: str, fit: bool) -> None:
    said = galera_member(SYNCED | changes)
    assert (said["role"], said["behind"], said["fit"]) == ("member", 3, fit)
    assert said["note"].startswith(note)


def test_a_replica_of_redis() -> None:
    assert redis_member(REPLICA) == {"role": "replica", "note": None, "lag_ms": 2000, "fit": True}
    lost = redis_member({**REPLICA, "master_link_status": "down", "master_last_io_seconds_ago": -1})
    assert lost == {"role": "replica", "note": "no primary", "lag_ms": None, "fit": False}
    assert redis_member({"role": "master"}) == {"role": "primary", "note": None, "lag_ms": None, "fit": True}


def test_how_far_replicas_are_behind() -> None:
    one = {"ip": "10.0.0.2", "port": 6379, "state": "online", "offset": 90, "lag": 0}
    told = {"role": "master", "connected_slaves": 2, "master_repl_offset": 100, "slave0": one}
    assert replicas({**told, "slave1": {**one, "ip": "10.0.0.3", "offset": 101}}) == {"10.0.0.2": 10, "10.0.0.3": 0}
