"""This host's own members of the clusters, each asked at its own address: what it is among the others, and how far behind.

Each answer: `role`, `note` (in the server's own words), `behind` (what it has received and not done yet), `lag_ms`, and
`fit`: False for one that answers and serves nobody.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial
from typing import Any

import pika
import pymysql
from sqlalchemy.engine import make_url

from app.addresses import host_ports
from app.extensions.broker import parameters
from app.extensions.redis import RedisClient, connect_redis
from app.settings import Settings

WITHIN_S = 1.0
ZOOKEEPER_WITHIN_S = 1.0
_LARGEST_REPORT = 64 * 1024
_GALERA = ("wsrep_ready", "wsrep_cluster_status", "wsrep_local_state_comment", "wsrep_local_recv_queue")
_REDIS_ROLES = {"master": "primary", "slave": "replica"}


def own_questions(settings: Settings) -> dict[str, Callable[[], dict[str, Any]]]:
    """Server → what its member on this host is asked."""
    redis = connect_redis(settings.own_redis_url or "", size=2, timeout=WITHIN_S)
    return {
        "mariadb": partial(_mariadb, settings.own_database_url or ""),
        "redis": partial(_redis, redis),
        "rabbitmq": partial(_rabbitmq, settings.amqp_url),
        "zookeeper": partial(_zookeeper, host_ports(settings.zookeeper_hosts.partition("/")[0])[0]),
    }


def _mariadb(url: str) -> dict[str, Any]:
    """By a connection of its own: a member without a majority answers this, but not what a pool asks when it connects."""
    parts = make_url(url)
    connection: Any = pymysql.connect(
        unix_socket=parts.query["unix_socket"],
        ssl_disabled=True,
        user=parts.username,
        password=parts.password or "",
        connect_timeout=WITHIN_S,
        read_timeout=WITHIN_S,
        write_timeout=WITHIN_S,
    )
    with closing(connection), connection.cursor() as cursor:
        cursor.execute("SHOW GLOBAL STATUS WHERE Variable_name IN %s", [_GALERA])
        return galera_member(dict(cursor.fetchall()))


def galera_member(state: dict[str, str]) -> dict[str, Any]:
    """What Galera's status says. Who of them is written to is not a member's to say: the proxy decides."""
    primary = state.get("wsrep_cluster_status") == "Primary"
    note = state.get("wsrep_local_state_comment") if primary else state.get("wsrep_cluster_status")
    return {
        "role": "member",
        "note": note or None,
        "behind": int(state.get("wsrep_local_recv_queue", 0)),
        "fit": primary and state.get("wsrep_ready") == "ON",
    }


def _redis(client: RedisClient) -> dict[str, Any]:
    return redis_member(client.info("replication"))


def redis_member(told: dict[str, Any]) -> dict[str, Any]:
    """What INFO replication says. `lag_ms`: whole seconds, since a replica last heard of its primary."""
    role, heard = told.get("role"), told.get("master_last_io_seconds_ago", -1)
    linked = role == "master" or told.get("master_link_status") == "up"
    return {
        "role": _REDIS_ROLES.get(str(role), role),
        "note": None if linked else "no primary",
        "lag_ms": heard * 1000 if role == "slave" and heard >= 0 else None,
        "fit": linked,
    }


def _rabbitmq(urls: str) -> dict[str, Any]:
    """A node that sees no majority takes no connections (`pause_minority`)."""
    pika.BlockingConnection(parameters(urls)[0]).close()
    return {"role": "member"}


def _zookeeper(address: tuple[str, int]) -> dict[str, Any]:
    """A server without a majority answers, and serves nobody: then it names no state."""
    told = zookeeper_report(address)
    return {"role": told.get("zk_server_state"), "fit": "zk_server_state" in told}


def zookeeper_report(address: tuple[str, int]) -> dict[str, str]:
    """What one ZooKeeper answers to `mntr`. Raises OSError."""
    with socket.create_connection(address, timeout=ZOOKEEPER_WITHIN_S) as connection:
        connection.sendall(b"mntr")
        report = b""
        while len(report) < _LARGEST_REPORT and (part := connection.recv(8192)):
            report += part
    return dict(line.split("\t", 1) for line in report.decode("ascii", "replace").splitlines() if "\t" in line)


def holds(address: str) -> bool:
    """Whether this host has the address: only then can it be bound to."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind((address, 0))
        return True
    return False
