"""The servers are set as the application needs them, seen by its own clients through `environment()`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pika
import pymysql
import pytest
import redis
from kazoo.client import KazooClient
from pika.adapters.blocking_connection import BlockingChannel

from ops.stack import Stack, StackConfig
from ops.stack.servers.mariadb import MariaDB


@pytest.fixture
def channel(stack: Stack) -> Iterator[BlockingChannel]:
    connection = pika.BlockingConnection(pika.URLParameters(stack.environment()["SEATRUSH_AMQP_URL"]))
    yield connection.channel()
    connection.close()


def test_mariadb_is_durable_and_reads_what_is_committed(stack: Stack) -> None:
    url = urlsplit(stack.environment()["SEATRUSH_DATABASE_URL"])
    assert url.scheme == "mysql+pymysql"
    options = {name: values[0] for name, values in parse_qs(url.query).items()}
    connection = pymysql.connect(
        user=url.username, password=url.password or "", database=url.path[1:], charset=options["charset"],
        unix_socket=unquote(options["unix_socket"]),
    )  # fmt: skip
    wanted = {
        "transaction_isolation": "READ-COMMITTED",
        "innodb_flush_log_at_trx_commit": "1",
        "skip_networking": "ON",
        "log_bin": "OFF",
        "performance_schema": "OFF",
        "innodb_buffer_pool_size": str(256 * 1024 * 1024),
        "max_connections": "300",
        "character_set_database": "utf8mb4",
        "collation_database": "utf8mb4_unicode_520_ci",
        "time_zone": "+00:00",
    }
    with connection, connection.cursor() as cursor:
        cursor.execute("SHOW VARIABLES")
        variables = {name.replace("tx_", "transaction_"): value for name, value in cursor.fetchall()}
        assert {name: variables[name] for name in wanted} == wanted
        cursor.execute("CREATE DATABASE seatrush_try")  # the tests' own databases
        cursor.execute("SELECT '𠮷' = '😀' COLLATE utf8mb4_unicode_520_ci")  # characters beyond the BMP are told apart
        assert cursor.fetchone() == (0,)
        cursor.execute("DROP DATABASE seatrush_try")


def test_a_mariadb_that_starts_leaves_the_temporary_tables_of_others_alone(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By default they share a folder, and whoever starts deletes what it finds: several installations at once failed of it."""
    shared = tmp_path / "shared"
    shared.mkdir()
    monkeypatch.setenv("TMPDIR", str(shared))
    others = shared / "#sql-temptable-1-1-4.MAI"
    others.touch()
    server = MariaDB(StackConfig.for_folder(tmp_path / "root", name="test", programs=()))
    server.prepare()
    assert (server.data / "mysql").is_dir()
    assert others.exists()
    (line,) = [one for one in server.files()[0].text.splitlines() if one.startswith("tmpdir")]
    assert line == f"tmpdir = {server.scratch}"
    assert stack.config.data("mariadb-tmp").is_dir()


def test_redis_keeps_nothing_on_the_disk_and_evicts_nothing(stack: Stack) -> None:
    client = redis.Redis.from_url(stack.environment()["SEATRUSH_REDIS_URL"])
    assert client.config_get("appendonly") == {"appendonly": "no"}
    assert client.config_get("save") == {"save": ""}
    assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    client.close()
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=stack.config.ports.redis).ping()


def test_rabbitmq_has_quorum_queues_streams_and_the_hash_exchange(channel: BlockingChannel) -> None:
    channel.exchange_declare("try", exchange_type="x-consistent-hash", durable=True)
    channel.queue_declare("try-claims", durable=True, arguments={"x-queue-type": "quorum"})
    channel.queue_declare("try-stream", durable=True, arguments={"x-queue-type": "stream"})
    channel.queue_bind("try-claims", "try", routing_key="1")
    channel.confirm_delivery()
    channel.basic_publish("try", "offering-1", b"claim", mandatory=True)
    method, _, body = channel.basic_get("try-claims", auto_ack=True)
    assert method is not None
    assert body == b"claim"
    for queue in ("try-claims", "try-stream"):
        channel.queue_delete(queue)
    channel.exchange_delete("try")


def test_zookeeper_keeps_ephemeral_nodes(stack: Stack) -> None:
    client = KazooClient(hosts=stack.environment()["SEATRUSH_ZOOKEEPER_HOSTS"], timeout=5)
    client.start(timeout=10)
    client.create("/try", b"claim", ephemeral=True)
    assert client.get("/try")[0] == b"claim"
    client.stop()
    client.close()
