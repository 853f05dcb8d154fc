"""What the watchdogs' program must know of its host, as a file: it is told by whoever starts it, as every server is."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from ops.stack.cluster import Cluster, Peer
from ops.stack.config import StackConfig
from ops.stack.ports import Ports


def written(config: StackConfig, cluster: Cluster) -> str:
    """The file's text."""
    said = {"root": str(config.root), "ports": asdict(config.ports), "cluster": asdict(cluster)}
    return json.dumps(said, indent=1) + "\n"


def read(file: Path) -> tuple[StackConfig, Cluster]:
    """The host's stack as far as the watchdogs ask for it: folders, ports and the other hosts."""
    said = json.loads(file.read_text(encoding="utf-8"))
    entry = said["cluster"]
    own, peers = Peer(**entry.pop("own")), tuple(Peer(**peer) for peer in entry.pop("peers"))
    cluster = Cluster(own=own, peers=peers, **entry)
    ports = Ports(**said["ports"])
    return StackConfig.for_folder(Path(said["root"]), ports=ports, name=own.name, cluster=cluster), cluster
