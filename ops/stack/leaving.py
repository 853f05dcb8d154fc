"""One host of a cluster leaves for a while: nobody is asked in vain, and the others are enough."""

from __future__ import annotations

import logging
from contextlib import suppress

from ops.stack.demo import set_up
from ops.stack.errors import StackError
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
        _drain(stack, addresses)
    log.info("stop / 停止 …")
    stack.down()


def _drain(stack: Stack, addresses: list[str]) -> None:
    """A host that may not leave after all stays in service: else it would get no requests until its workers start anew."""
    command = ["-m", "app.cli", "drain", *addresses, "--within", str(DRAINED_WITHIN_S)]
    try:
        set_up(stack, ("drain / 引流", command))
    except StackError:
        with suppress(StackError):  # the first one says what is the matter
            set_up(stack, ("undo / 撤销", [*command, "--undo"]))
        raise
