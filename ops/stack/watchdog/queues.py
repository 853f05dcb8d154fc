"""A member of a quorum queue that is dead on a node that lives: a disk that was full has left it a log from which it does not
start ("corrupt_log", seen in both runs of the drill `rabbitmq-full-disk`).

Nothing else notices, as the majority goes on. But what the queue delivers to a consumer at this node goes by its member
here, and reaches nobody (RabbitMQ 3.10): claims are accepted, and not decided. A new member gets everything from the leader.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.stack.environment import AMQP_VHOST
from ops.stack.errors import StackError
from ops.stack.servers.rabbitmq import RabbitMQ, control
from ops.stack.service import Service
from ops.stack.watchdog.base import Watchdog, free_bytes, undisturbed
from ops.stack.watchdog.broker_disk import ROOM

BOOT_S = 15.0  # members start with their node
STUCK_S = 8.0  # a claim that waits so long may wait for such a member
# Asking costs a second of CPU, for an Erlang machine of its own.
AGAIN_S = 60.0
AT_LEAST_EVERY_S = 600.0
FAILED_S = 10.0  # later, when it could not be asked, or nothing could be done
SURE_AFTER_S = 5.0
LIMIT_S = 60.0
OLD_MS = 10_000
MEMBERS = 3  # of a queue, where there are so many hosts (RabbitMQ's own default)

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Seen:
    """One look without asking RabbitMQ. Seconds."""

    runs_s: float  # so long has supervisor had the node running, 0 when it doesn't run
    asked_ago_s: float
    oldest_claim_s: float  # that waits to be decided


def worth_asking(seen: Seen) -> bool:
    """Once after each start, when claims wait for long, and now and then."""
    if seen.runs_s < BOOT_S:
        return False
    if seen.asked_ago_s > seen.runs_s - BOOT_S:
        return True
    return seen.asked_ago_s > (AGAIN_S if seen.oldest_claim_s > STUCK_S else AT_LEAST_EVERY_S)


def steps_for(queues: Iterable[Row], node: str, hosts: int) -> dict[str, tuple[str, ...]]:
    """Queue → what makes its member at this node well, where the majority of its members runs. One that was taken out and not
    added (this host lost its power in between) is missing, and is added."""
    found: dict[str, tuple[str, ...]] = {}
    for one in queues:
        members, online = one["members"], one["online"]
        if len(online) <= len(members) // 2:
            continue
        if node in members and node not in online:
            found[one["name"]] = ("delete_member", "add_member")
        elif node not in members and len(members) < min(MEMBERS, hosts):
            found[one["name"]] = ("add_member",)
    return found


class QueuesWatchdog(Watchdog):
    """Takes a dead member out of its queue, and adds it anew. What fails is tried again ten seconds later."""

    name = "queues"
    every_s = 2.0

    def __init__(self, hosts: int, broker: Service) -> None:
        server = broker.server
        assert isinstance(server, RabbitMQ)  # noqa: S101 - by its name
        self._hosts = hosts
        self._broker = broker
        self._server = server
        self._asked_at = -AT_LEAST_EVERY_S
        self._not_before = 0.0

    def look(self) -> None:
        now = time.monotonic()
        seen = Seen(self._broker.runs_s, now - self._asked_at, self._oldest_claim_s())
        if now < self._not_before or not worth_asking(seen):
            return
        self._not_before = now + FAILED_S
        if free_bytes(self._server.config.data("rabbitmq")) < ROOM:
            return  # a new member would begin as the old one ended
        if ailing := self._steps():
            time.sleep(SURE_AFTER_S)  # one that is just being started is well
            for name in ailing:
                self._mend(name)
        self._asked_at = now

    def _mend(self, name: str) -> None:
        with undisturbed(self._server.config.root) as free:
            steps = self._steps().get(name, ()) if free else None
            if steps is None:
                raise StackError("somebody brings the stack up or down")
            for step in steps:
                self._tool("rabbitmq-queues", step, "--vhost", AMQP_VHOST, name, self._server.node)
        if steps:
            self.did("renewed", "a queue's member here was dead: it was made anew", queue=name)

    def _steps(self) -> dict[str, tuple[str, ...]]:
        words = ("list_queues", "--vhost", AMQP_VHOST, "--timeout", "20", "name", "members", "online")
        said = self._tool("rabbitmqctl", *words, "--formatter", "json", "--silent")
        return steps_for(json.loads(said), self._server.node, self._hosts)

    def _tool(self, tool: str, *words: str) -> str:
        command = control(self._server, *words, tool=tool)
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=LIMIT_S)
        if done.returncode != 0:
            raise StackError(f"{tool} {words[0]}: {' '.join((done.stdout + done.stderr).split())[:400]}")
        return done.stdout

    def _oldest_claim_s(self) -> float:
        return oldest_claim_s(self._server.config.run / "public" / "status.json", time.time() * 1000)


def oldest_claim_s(status: Path, now_ms: float) -> float:
    """By this host's public status (app/operations/public.py), where it is not old; 0 when nobody knows."""
    try:
        said = json.loads(status.read_text(encoding="utf-8"))
        fresh = now_ms - float(said["at_ms"]) < OLD_MS
        return float(said["oldest_pending_ms"] or 0) / 1000 if fresh else 0.0
    except (OSError, ValueError, KeyError):
        return 0.0
