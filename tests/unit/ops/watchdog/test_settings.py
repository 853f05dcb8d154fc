"""What the watchdogs are told is what they understand."""

from __future__ import annotations

from pathlib import Path

from ops.lab.lab import INVENTORY
from ops.stack.__main__ import host_config
from ops.stack.cluster import Inventory
from ops.stack.servers.watchdog import Watchdogs
from ops.stack.watchdog.all import watchdogs
from ops.stack.watchdog.settings import read


def test_the_file_tells_of_the_host(tmp_path: Path) -> None:
    config = host_config(Inventory.read(INVENTORY), "h2", tmp_path)
    (file,) = Watchdogs(config).files()
    file.write()
    told, cluster = read(file.path)
    assert cluster == config.cluster
    assert (told.root, told.ports, told.sockets) == (config.root, config.ports, config.sockets)
    assert [one.name for one in watchdogs(file.path)] == [
        "address",
        "rabbitmq",
        "rabbitmq_disk",
        "queues",
        "galera",
        "galera_member",
        "zookeeper",
    ]
