"""One host of a cluster leaves for a while: nobody is asked in vain, and the others are enough."""

from __future__ import annotations

import logging

from ops.stack.demo import set_up
from ops.stack.stack import Stack
from ops.stack.whole import wait_whole

log = logging.getLogger("ops.stack")
# Longer than an Nginx may take over a reload on a busy host.
DRAINED_WITHIN_S = 20


def leave(stack: Stack, within_s: float) -> None:
    """Stop everything on this host once the cluster is whole and no Nginx sends requests here. Raises StackError."""
    log.info("is the cluster whole? / 集群是否完整 …")
    wait_whole(stack.config, within_s)
    if addresses := stack.registered():
        command = ["-m", "app.cli", "drain", *addresses, "--within", str(DRAINED_WITHIN_S)]
        set_up(stack, ("drain / 引流", command))
    log.info("stop / 停止 …")
    stack.down()
