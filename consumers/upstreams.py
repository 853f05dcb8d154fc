"""Follows the registry for the Nginx of this host: writes its upstream files and lets it take them over (docs/registry.md).

`<upstreams_dir>/<kind>.static` has one address a line, by whoever installed the host; `<kind>.conf` is what Nginx includes.
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

import gevent
from gevent.event import Event
from kazoo.exceptions import KazooException

from app.admission.engine import Engine
from app.extensions.registry import FOLLOWERS, LOOK_EVERY_S, Presence, Registry, host_name
from app.extensions.services import Services
from app.settings import SettingsError

logger = logging.getLogger(__name__)

# A short absence of ZooKeeper changes nothing. After a long one nobody knows who is there: what the operator wrote rules.
STATIC_AFTER_S = 10.0
# When it is back, workers register one after another: the first of them must not get everybody's requests.
REJOIN_S = 3.0
RELOADED_WITHIN_S = 5.0


def upstreams(registered: Collection[str], static: Collection[str]) -> list[str]:
    """Whom Nginx shall ask: who is registered; never nobody."""
    return sorted(registered) or sorted(static)


def believable(registered: Collection[str], asked: Collection[str]) -> set[str]:
    """Whom to take for there: who is registered, and those asked until now when more than half of them would go at once.

    So many do not die in one moment. In a rush they have no time for their sessions, and the few that are left would have less.
    Of those that are dead, Nginx sees it by itself. `asked` is without who is draining.
    """
    gone = set(asked) - set(registered)
    return set(registered) | (gone if 2 * len(gone) > len(asked) and len(asked) > 2 else set())


def rendered(addresses: Collection[str]) -> str:
    """Lines for an upstream block. One that does not answer is left out for two seconds, unless it is the only one."""
    options = "max_fails=0" if len(addresses) == 1 else "max_fails=1 fail_timeout=2s"
    return "".join(f'server "{address}" {options};\n' for address in addresses)


def run(services: Services, engine: Engine, stopping: Event) -> None:
    """Follow until told to stop; the files stay as they are then."""
    folder = services.settings.upstreams_dir
    if folder is None:
        raise SettingsError("SEATRUSH_UPSTREAMS_DIR is missing")
    presence = Presence(services.zookeeper, f"{FOLLOWERS}/{host_name()}")
    follower = Follower(Registry(services.zookeeper), folder, services.settings.nginx_pid)
    while not stopping.is_set():
        follower.changed.clear()
        try:
            presence.show(follower.follow(connected=bool(services.zookeeper.connected)))
        except OSError as error:  # a full disk: what Nginx has it keeps, and what was acknowledged stays acknowledged
            logger.warning("the upstreams stay as they are: %r", error)
        follower.changed.wait(timeout=LOOK_EVERY_S)
    presence.leave()


class Follower:
    """`follow()` brings files and Nginx to what the registry says now."""

    def __init__(self, registry: Registry, folder: Path, nginx_pid: Path | None) -> None:
        self.changed = Event()
        self._registry = registry
        self._folder = folder
        self._nginx_pid = nginx_pid
        self._heard_at = monotonic()
        self._rejoined_at = 0.0
        self._static = False
        # Nginx may run with older files: whoever wrote them may have fallen before it said so.
        self._untold = True
        self._acknowledged: list[str] = []

    def _changed(self, _event: Any) -> None:
        self.changed.set()

    def follow(self, *, connected: bool) -> list[str]:
        """Returns the addresses that Nginx sends requests to, of all kinds: the older ones while it keeps to them."""
        kinds = sorted(path.stem for path in self._folder.glob("*.static"))
        wanted = self._wanted(kinds, connected=connected)
        # Without any address Nginx would not start.
        changed = [kind for kind, found in wanted.items() if found and self._write(kind, rendered(found))]
        if changed:
            self._untold = True
            logger.warning("upstreams changed: %s", {kind: wanted[kind] for kind in changed})
        served = [address for kind in kinds for address in self._served(kind)]
        if self._untold:
            # One that is just starting may have read the files before they changed, and has no number yet: once more then.
            told = reload_nginx(self._nginx_pid)
            self._untold = not told
            if changed and told is None:
                logger.warning("there is no Nginx to tell")
            if told is False:
                logger.error("Nginx keeps to its older upstreams: its log says why")
                return self._acknowledged or served
        self._acknowledged = served
        return served

    def _wanted(self, kinds: list[str], *, connected: bool) -> dict[str, list[str]]:
        """Kind → whom to ask; {} when the files shall stay as they are."""
        now = monotonic()
        try:
            if not connected:
                raise KazooException("not connected")
            found = {kind: self._registry.addresses(kind, self._changed) for kind in kinds}
            draining = self._registry.draining()
        except (KazooException, gevent.Timeout) as error:
            if now - self._heard_at > STATIC_AFTER_S and not self._static:
                logger.warning("the static upstreams rule, the registry is away: %r", error)
                self._static = True
            self._rejoined_at = now + REJOIN_S if self._static else 0.0
            return {kind: self._static_of(kind) for kind in kinds} if self._static else {}
        self._heard_at = now
        if now < self._rejoined_at:
            return {}
        self._static = False
        return {
            kind: upstreams(believable(addresses, set(self._served(kind)) - draining), self._static_of(kind))
            for kind, addresses in found.items()
        }

    def _static_of(self, kind: str) -> list[str]:
        return sorted((self._folder / f"{kind}.static").read_text(encoding="ascii").split())

    def _served(self, kind: str) -> list[str]:
        with suppress(FileNotFoundError):
            lines = (self._folder / f"{kind}.conf").read_text(encoding="ascii").splitlines()
            return [line.split('"')[1] for line in lines]
        return []

    def _write(self, kind: str, text: str) -> bool:
        """Replaced as a whole: Nginx may read it at any moment. False when it was so already."""
        path = self._folder / f"{kind}.conf"
        with suppress(FileNotFoundError):
            if path.read_text(encoding="ascii") == text:
                return False
        new = path.with_suffix(".new")
        new.write_text(text, encoding="ascii")
        new.replace(path)
        return True


def reload_nginx(pid_file: Path | None) -> bool | None:
    """Let Nginx read its configuration; returns whether by now none of its older workers takes new requests. None: no Nginx.

    It goes on serving with the old one when the new one is bad, and logs why.
    """
    try:
        master = int((pid_file or Path("/nowhere")).read_text(encoding="ascii"))
        if b"nginx: master" not in Path(f"/proc/{master}/cmdline").read_bytes():
            return None  # the number is another's by now
        before = _working(master)
        os.kill(master, signal.SIGHUP)
        deadline = monotonic() + RELOADED_WITHIN_S
        while before & _working(master):
            if monotonic() > deadline:
                return False
            gevent.sleep(0.02)
    except (OSError, ValueError):
        return None
    return True


def _working(master: int) -> set[int]:
    """Its workers that take requests; one that is ending says so in its title."""
    found = set()
    for child in Path(f"/proc/{master}/task/{master}/children").read_text(encoding="ascii").split():
        with suppress(OSError):
            title = Path(f"/proc/{child}/cmdline").read_bytes()
            if b"worker process" in title and b"shutting down" not in title:
                found.add(int(child))
    return found
