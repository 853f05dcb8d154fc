"""The rolling upgrade of docs/deploy.md: host after host leaves, comes back with the new code, and is whole before the next."""

from __future__ import annotations

import logging

from ops.lab.lab import Lab

log = logging.getLogger("ops.lab")


def upgrade(lab: Lab) -> None:
    """All hosts, the one with the address last, so that it moves once. Raises StackError where it stops."""
    lab.stack(lab.names[0], "app", "--", "migrate")
    left = set(lab.names)
    while left:
        holder = lab.holder()
        name = min(left, key=lambda one: (one == holder, one))
        left.remove(name)
        log.info("%s leaves / 退出 …", name)
        lab.stack(name, "leave")
        log.info("%s comes back / 返回 …", name)
        # On a real machine the new checkout comes here; in the lab all hosts share this one.
        lab.stack(name, "servers")
        lab.stack(name, "programs")
    lab.stack(lab.names[0], "whole")
