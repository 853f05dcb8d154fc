"""Saying that a host is lost for good, and its spool with it (DESIGN §3)."""

from __future__ import annotations

import logging
import platform
import socket
from contextlib import suppress
from datetime import datetime

from app.admission.write_offs import write_off
from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.errors import SeatrushError
from app.extensions.registry import Roster
from app.extensions.services import Services

logger = logging.getLogger(__name__)

WITHIN_S = 1.0


class HostNotFoundError(SeatrushError):
    code = "host_not_found"
    status = 404
    zh = "没有这台主机。"
    en = "There is no such host."


class HostIsThereError(SeatrushError):
    """Whoever still runs may still promise something: it is to be turned off first."""

    code = "host_is_there"
    status = 409
    zh = "这台主机还在，请先关掉它。"
    en = "This host is there. Turn it off first."


def write_off_host(services: Services, actor: Actor, host: str, reason: str) -> datetime:
    """No rebuild waits for its spool any more, and what that holds is void. Returns from when on; once more means from now.

    Raises HostNotFoundError, HostIsThereError, DBAPIError.
    """
    actor.require(Permission.OPS)
    known = services.settings.hosts or ((platform.node(), ""),)
    if host not in dict(known):
        raise HostNotFoundError
    if host == known[0][0] or host in Roster(services.zookeeper).hosts() or _takes_connections(dict(known)[host]):
        raise HostIsThereError
    now = services.clock.now()
    with services.db.transaction() as session:
        write_off(session, services.ids.next_id(), host, now)
    logger.warning("spool of %s written off by account %d: %s", host, actor.account_id, reason.strip() or "—")
    return now


def _takes_connections(address: str) -> bool:
    """Even one that hangs does: its kernel takes them. One that refuses them counts as gone: a firewall may say so for it."""
    host, _, port = address.rpartition(":")
    with suppress(OSError), socket.create_connection((host, int(port)), timeout=WITHIN_S):
        return True
    return False
