"""A member of a claims' queue ends on a node that goes on, as after a full disk: what reaches the consumer there goes by it."""

from __future__ import annotations

import random

from app.extensions.broker import claim_queue
from ops.drills.catalogue import Drill
from ops.drills.lab_site import LabSite
from ops.lab.errors import LabError

QUEUE = claim_queue(0)


def _ended(site: LabSite, _: random.Random) -> None:
    """Nobody heals it but the host's watchdog."""
    host = site.clusters.consumer_node(QUEUE)
    if not host:
        raise LabError(f"nobody gets the messages of {QUEUE}")
    site.clusters.end_member(host, QUEUE)


MEMBERS: tuple[Drill[LabSite], ...] = (
    Drill(
        "rabbitmq-member", "a claims' queue loses its member on the node of its consumer",
        "申请队列在其消费者所在节点上的副本失效", _ended, 20.0,
    ),
)  # fmt: skip
