"""Whether a cluster is whole, as one of its hosts sees it: only then may a host leave, or a majority would be lost."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from ops.stack.cluster import Peer
from ops.stack.config import StackConfig
from ops.stack.errors import NotReadyError, StackError
from ops.stack.servers.base import ask, in_cluster
from ops.stack.servers.rabbitmq import RabbitMQ, control

POLL_S = 1.0
Check = Callable[[StackConfig, Peer], None]


def wait_whole(config: StackConfig, within_s: float) -> None:
    """Until nothing is missing. Raises StackError with what is."""
    deadline = time.monotonic() + within_s
    while wrong := missing(config):
        if time.monotonic() > deadline:
            raise StackError("\n".join(["the cluster is not whole:", *(f"  {sentence}" for sentence in wrong)]))
        time.sleep(POLL_S)


def missing(config: StackConfig) -> list[str]:
    """What the cluster lacks, a sentence each; nothing when it can do without any one of its hosts."""
    peers = in_cluster(config).peers
    asked = [(name, check, peer) for name, check in CHECKS.items() for peer in peers]
    with ThreadPoolExecutor(len(asked)) as pool:
        wrong = list(pool.map(lambda one: _wrong(f"{one[0]} on {one[2].name}", one[1], config, one[2]), asked))
    # Each command of RabbitMQ starts an Erlang VM: only when everything else is well.
    found = [sentence for sentence in wrong if sentence]
    return found or [sentence for sentence in (_wrong("rabbitmq", _rabbitmq, config, peers[0]),) if sentence]


def _wrong(what: str, check: Check, config: StackConfig, peer: Peer) -> str:
    try:
        check(config, peer)
    except (NotReadyError, RedisError) as error:
        return f"{what}: {error}"
    return ""


def _answers(port: str, path: str) -> Check:
    """It answers 200 at the port of that name."""

    def check(config: StackConfig, peer: Peer) -> None:
        request = f"GET {path} HTTP/1.0\r\nHost: {peer.name}\r\n\r\n".encode("ascii")
        answer = ask(getattr(config.ports, port), request, timeout=5, address=peer.address)
        if answer.split(b" ", 2)[1:2] != [b"200"]:
            raise NotReadyError(answer[-120:].decode("utf-8", "replace").strip() or "no answer")

    return check


def _zookeeper(config: StackConfig, peer: Peer) -> None:
    answer = ask(config.ports.zookeeper, b"srvr\n", address=peer.address).decode("utf-8", "replace")
    if "Mode:" not in answer:  # it names one only with a majority
        raise NotReadyError(answer.strip() or "no answer to srvr")


def _redis(config: StackConfig, peer: Peer) -> None:
    said = _info(config, peer, config.ports.redis, "replication")
    if said["role"] == "master":
        followed = sum(one["state"] == "online" for name, one in said.items() if name.startswith("slave"))
        if followed != len(in_cluster(config).others):
            raise NotReadyError(f"a primary that {followed} follow")
    elif said["master_link_status"] != "up":
        raise NotReadyError("it does not follow the primary")


def _sentinel(config: StackConfig, peer: Peer) -> None:
    said = _info(config, peer, config.ports.sentinel, "sentinel")
    watched = said.get("master0", {"status": "not known to it", "sentinels": 0})
    if watched["status"] != "ok" or watched["sentinels"] != len(in_cluster(config).peers):
        raise NotReadyError(f"the primary is {watched['status']}, {watched['sentinels']} Sentinels")


def _info(config: StackConfig, peer: Peer, port: int, part: str) -> dict[str, Any]:
    password = config.secrets.read("redis")
    with Redis(host=peer.address, port=port, password=password, socket_timeout=2, socket_connect_timeout=2) as one:
        return dict(one.info(part))


def _rabbitmq(config: StackConfig, _peer: Peer) -> None:
    """Its own word for it: would a queue lose its majority if this node went?"""
    words = ("check_if_node_is_quorum_critical", "--timeout", "20")
    command = control(RabbitMQ(config), *words, tool="rabbitmq-queues")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotReadyError(" ".join((done.stdout + done.stderr).split())[:400])


CHECKS: dict[str, Check] = {
    "nginx": _answers("http", "/time"),
    "web": _answers("web", "/healthz"),
    "ws": _answers("ws", "/healthz"),
    "zookeeper": _zookeeper,
    "mariadb": _answers("database_check", "/"),
    "redis": _redis,
    "sentinel": _sentinel,
}
