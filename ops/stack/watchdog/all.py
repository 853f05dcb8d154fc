"""The watchdogs of a host; to add one: a module beside this one, and a line here."""

from __future__ import annotations

from pathlib import Path

from ops.stack.stack import Stack
from ops.stack.watchdog.address import AddressWatchdog
from ops.stack.watchdog.base import Watchdog
from ops.stack.watchdog.broker import BrokerWatchdog
from ops.stack.watchdog.broker_disk import BrokerDiskWatchdog
from ops.stack.watchdog.database import DatabaseWatchdog
from ops.stack.watchdog.left_out import LeftOutWatchdog
from ops.stack.watchdog.queues import QueuesWatchdog
from ops.stack.watchdog.settings import read
from ops.stack.watchdog.zookeeper import ZooKeeperWatchdog


def watchdogs(settings: Path) -> list[Watchdog]:
    """All of them, for the host that the file tells of."""
    config, cluster = read(settings)
    stack = Stack(config)
    return [
        AddressWatchdog(cluster, stack.service("keepalived")),
        BrokerWatchdog(cluster, config.ports, stack.service("rabbitmq")),
        BrokerDiskWatchdog(cluster, config.ports, stack.service("rabbitmq")),
        QueuesWatchdog(len(cluster.peers), stack.service("rabbitmq")),
        DatabaseWatchdog(config, cluster),
        LeftOutWatchdog(cluster, config.ports.database_check, stack.service("mariadb")),
        ZooKeeperWatchdog(stack.service("zookeeper")),
    ]
