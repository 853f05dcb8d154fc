"""Asks the lab's servers, on their hosts, how their clusters are."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from app.extensions.broker import CLAIMS
from ops.lab.errors import LabError
from ops.lab.lab import Lab
from ops.stack import processes
from ops.stack.environment import AMQP_VHOST
from ops.stack.packages import SYSTEM_PATH
from ops.stack.servers.rabbitmq import RabbitMQ, control, node_name

STOP_S = 60.0
# Through the host's HAProxy, as its programs do.
STATEMENT = """
import pymysql, sys, json
connection = pymysql.connect(host="127.0.0.1", port=3307, user="seatrush", password=sys.argv[1], database="seatrush",
                             connect_timeout=2, read_timeout=5, autocommit=True)
with connection.cursor() as cursor:
    for statement in sys.argv[2:]:
        cursor.execute(statement)
    print(json.dumps(cursor.fetchall()))
"""


@dataclass(frozen=True)
class Clusters:
    """Questions to a running lab."""

    lab: Lab

    def sql(self, name: str, *statements: str) -> list[list[Any]] | None:
        """The last statement's rows, by way of the host's HAProxy; None when it can't be had."""
        password = self.lab.config(name).secrets.read("database")
        done = self.lab.host(name).run(sys.executable, "-c", STATEMENT, password, *statements, check=False)
        return list(json.loads(done.stdout)) if done.returncode == 0 else None

    def writer(self, name: str) -> str | None:
        """The host whose MariaDB the named host writes to."""
        rows = self.sql(name, "SELECT @@wsrep_node_name")
        return str(rows[0][0]) if rows else None

    def redis(self, name: str, *command: str, port: int = 6379, at: str | None = None) -> list[str]:
        """What a Redis (or Sentinel) says to redis-cli on the host."""
        password = self.lab.config(name).secrets.read("redis")
        where = self.lab.config(at or name).address
        line = [
            "timeout",
            "3",
            "redis-cli",
            "-h",
            where,
            "-p",
            str(port),
            "--no-auth-warning",
            "-a",
            password,
            *command,
        ]
        return self.lab.host(name).run(*line, check=False).stdout.split()

    def primary(self, asked: str) -> str:
        """The host of the Redis which the host's Sentinel takes for the primary."""
        address = self.redis(asked, "sentinel", "get-master-addr-by-name", self.lab.inventory.name, port=26379)[:1]
        return next((peer.name for peer in self.lab.inventory.peers if [peer.address] == address), "")

    def replicas(self) -> str:
        """How many replicas the primary has."""
        primary = self.primary(self.lab.names[0])
        words = self.redis(primary, "info", "replication") if primary else []
        return next((word for word in words if word.startswith("connected_slaves:")), "")

    def wait_whole(self) -> None:
        """Until every server is up and every cluster has all its members."""
        until(lambda: all(self.writer(name) == self.lab.names[0] for name in self.lab.names), "one writer for all")
        until(lambda: self.members(self.lab.names[0]) == len(self.lab.names), "three members of Galera")
        until(lambda: self.replicas() == "connected_slaves:2", "two replicas of Redis")
        until(lambda: sorted(map(self.vote, self.lab.names)) == ["follower", "follower", "leader"], "ZooKeeper")
        until(self.members_run, "every member of every queue", limit=180.0, pause=1.0)

    def members(self, asked: str) -> int:
        """How many members Galera has, by the one that the host writes to; 0 when there is none."""
        size = "SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'wsrep_cluster_size'"
        answer = self.sql(asked, size)
        return int(answer[0][0]) if answer else 0

    def vote(self, name: str) -> str:
        """What a host's ZooKeeper is: leader, follower, or nothing yet."""
        code = (
            "import socket, sys; c = socket.create_connection((sys.argv[1], 2181), 2); c.sendall(b'srvr');"
            "print(c.recv(4096).decode())"
        )
        said = self.lab.host(name).run("python3", "-S", "-c", code, self.lab.config(name).address, check=False).stdout
        return next((line.split()[1] for line in said.splitlines() if line.startswith("Mode:")), "")

    def brokers(self, asked: str) -> list[str]:
        """The nodes that run, as a host's RabbitMQ sees them."""
        return sorted(self._told(asked, "cluster_status")["running_nodes"])

    def claims_leader(self) -> str:
        """The host that leads most of the claims' queues, as the first broker that answers says; "" when none does."""
        said = next((rows for rows in map(self._leaders, self.lab.names) if rows), [])
        led = Counter(row["leader"] for row in said if row["name"].startswith(f"{CLAIMS}."))
        return next(
            (one.name for one in self.lab.inventory.peers for node, _ in led.most_common(1) if node_name(one) == node),
            "",
        )

    def members_run(self) -> bool:
        """Whether all quorum queues have a member on each host, and all of these run."""
        try:
            queues = self._queues(self.lab.names[0], "members", "online")
        except LabError:
            return False
        return all(
            set(row["members"]) == set(row["online"]) and len(row["online"]) == len(self.lab.names) for row in queues
        )

    def consumer_node(self, queue: str) -> str:
        """The host whose node serves the consumer that gets this queue's messages; "" when nobody gets them."""
        words = ("list_consumers", "--vhost", AMQP_VHOST, "queue_name", "channel_pid", "active", "--silent")
        said = map(str.split, self.broker_tool(self.lab.names[0], *words).splitlines())  # JSON leaves the node out
        channel = next((words[1] for words in said if words[::2] == [queue, "true"]), "")
        return next((one.name for one in self.lab.inventory.peers if channel.startswith(f"<{node_name(one)}.")), "")

    def end_member(self, name: str, queue: str) -> None:
        """This queue's member on the host ends, for good: its supervisor gives it up after some deaths. The node goes on."""
        member = f"whereis('{AMQP_VHOST}_{queue}')"
        kill = f"case {member} of undefined -> ok; P -> exit(P, kill) end, timer:sleep(300)"
        if (
            self.broker_tool(name, "eval", f"[begin {kill} end || _ <- lists:seq(1, 10)], {member}.").strip()
            != "undefined"
        ):
            raise LabError(f"the member of {queue} on {name} lives on")

    def broker_tool(self, name: str, *words: str) -> str:
        """What rabbitmqctl answers on the host."""
        return self.lab.host(name).run(*control(RabbitMQ(self.lab.config(name)), *words)).stdout

    def administer(self, name: str, statement: str) -> str:
        """A statement to the host's own MariaDB as its root, past HAProxy; what the client prints."""
        config = self.lab.config(name)
        socket = str(config.sockets / "mariadb" / "mariadb.sock")
        secret = {"PATH": SYSTEM_PATH, "MYSQL_PWD": config.secrets.read("database_root")}
        return self.lab.host(name).run("mariadb", "-uroot", "-S", socket, "-Ne", statement, env=secret).stdout

    def _told(self, name: str, *words: str) -> Any:
        return json.loads(self.broker_tool(name, *words, "--formatter", "json", "--silent"))

    def _queues(self, name: str, *fields: str) -> list[dict[str, Any]]:
        return list(self._told(name, "list_queues", "--vhost", AMQP_VHOST, "--timeout", "10", "name", *fields))

    def _leaders(self, name: str) -> list[dict[str, Any]]:
        with suppress(LabError):
            return self._queues(name, "leader")
        return []

    def kill(self, name: str, service: str) -> None:
        """SIGKILL to all its processes, and it stays down."""
        self.lab.service(name, service).autorestart(False)
        members = self.lab.processes(name, service)
        if not members or processes.kill_all(members):
            raise LabError(f"{service} on {name} does not run, or survives SIGKILL")

    def stop(self, name: str, service: str) -> None:
        """SIGTERM, and it stays down; returns when nothing of it is left."""
        self.lab.service(name, service).autorestart(False)
        members = self.lab.processes(name, service)
        processes.signal_all(members, signal.SIGTERM)
        if processes.wait_gone(members, STOP_S):
            raise LabError(f"{service} on {name} does not end")

    def start(self, name: str, service: str) -> None:
        """Start what was killed."""
        handle = self.lab.service(name, service)
        until(lambda: handle.state not in ("RUNNING", "STOPPING"), "supervisor saw the end")
        handle.autorestart(True)
        handle.start()


def until(holds: Callable[[], bool], what: str, limit: float = 90.0, pause: float = 0.1) -> float:
    """Wait for it; the seconds that it took."""
    started = time.monotonic()
    while not holds():
        if time.monotonic() - started > limit:
            raise LabError(f"it does not come: {what}")
        time.sleep(pause)
    return time.monotonic() - started
