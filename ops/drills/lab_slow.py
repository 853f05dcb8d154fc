"""A server that takes two seconds for each request, at five times the load: from every host one reaches it by a slow relay."""

from __future__ import annotations

import os
import random
import sys
from subprocess import PIPE, Popen

import gevent

from ops.drills.catalogue import Drill
from ops.drills.lab_site import LabSite
from ops.drills.slow_link import SlowLink
from ops.lab.errors import LabError
from ops.lab.filters import MARK, Filters
from ops.stack.config import REPOSITORY

DELAY_S = 2.0
RATE = 5.0  # times the load of the other drills
# name, its part in Chinese, its port
SERVERS = {
    "redis": ("Redis", "主节点", "redis"),
    "mariadb": ("MariaDB", "写节点", "mariadb"),
    "rabbitmq": ("RabbitMQ", "队列主节点", "amqp"),
    "zookeeper": ("ZooKeeper", "主节点", "zookeeper"),
}


def relay(host: str, port: int) -> None:
    """Be the relay of one host: say by which port, and relay until standard input ends."""
    link = SlowLink(host, port, mark=MARK)
    link.delay = DELAY_S
    with link.open():
        print(link.port, flush=True)
        gevent.get_hub().threadpool.apply(os.read, (0, 1))  # reading here would stop the relay too


def _slow(server: str) -> Drill[LabSite]:
    name, role, port_of = SERVERS[server]

    def detour(site: LabSite, _: random.Random) -> None:
        config = site.lab.config(site.host_of(server))
        port = int(getattr(config.ports, port_of))
        relays = {name: _begin(site, name, config.address, port) for name in site.lab.names}
        ports = {name: _port(one) for name, one in relays.items()}
        for name, by in ports.items():  # all at once, as each takes a while to begin
            filters = Filters(site.lab.host(name), site.lab.inventory.interface)
            site.undo.callback(filters.clear)
            filters.detour(config.address, port, by)

    return Drill(
        f"{server}-slow", f"the {name} that matters takes {DELAY_S:g} s, at {RATE:g} times the load, for 20 s",
        f"{name} {role}每次请求慢 {DELAY_S:g} 秒，负载 {RATE:g} 倍，持续 20 秒", detour, 20.0, times=RATE,
    )  # fmt: skip


def _begin(site: LabSite, name: str, address: str, port: int) -> Popen[str]:
    command = [sys.executable, "-m", "ops.drills", "relay", address, str(port)]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    process = site.lab.host(name).begin(*command, stdin=PIPE, stdout=PIPE, env=environment)
    site.undo.callback(_end, process)
    return process


def _port(process: Popen[str]) -> int:
    said = process.stdout.readline().strip() if process.stdout else ""
    if not said.isdigit():
        raise LabError(f"a slow relay does not begin: {said}")
    return int(said)


def _end(process: Popen[str]) -> None:
    """Its connections end with it, and who had them comes again by the short way."""
    process.communicate(timeout=30)


SLOW = tuple(map(_slow, SERVERS))
