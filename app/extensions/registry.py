"""The registry: which web workers there are, in ZooKeeper. A worker's node lives as long as its session.

/seatrush/registry/<kind>/<host>-<pid>   ephemeral, JSON {"address"}: a worker (kind: web, ws) and where Nginx reaches it
/seatrush/registry/draining/<address>    an address that shall get no more requests (quoted); stays until its workers start anew
/seatrush/registry/hosts/<host>          ephemeral: a host whose maintenance process runs
/seatrush/registry/followers/<host>      ephemeral, JSON [addresses]: what the Nginx of that host sends requests to
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any
from urllib.parse import quote, unquote

import gevent
import orjson
from gevent.event import Event
from kazoo.client import KazooClient
from kazoo.exceptions import KazooException, NodeExistsError, NoNodeError

from app.addresses import UPSTREAM
from app.extensions.clock import CampusClock
from app.extensions.zookeeper import ROOT

logger = logging.getLogger(__name__)

REGISTRY = f"{ROOT}/registry"
DRAINING = f"{REGISTRY}/draining"
FOLLOWERS = f"{REGISTRY}/followers"
HOSTS = f"{REGISTRY}/hosts"
KINDS = ("web", "ws")

Watch = Callable[[Any], None]  # gets kazoo's event

ASK_WITHIN_S = 2.0
LOOK_EVERY_S = 1.0


def host_name() -> str:
    """This host, as the registry calls it."""
    return socket.gethostname()


class Presence:
    """Keeps one ephemeral node with its newest content, as long as this process lives and however often its session expires.

    `show` and `leave` never wait for ZooKeeper: while it is away the node comes when it is back.
    """

    def __init__(self, client: KazooClient, path: str) -> None:
        self._client = client
        self._path = path
        self._content: bytes | None = None
        self._shown: tuple[object, bytes | None] | None = None  # in which session
        self._wake = Event()
        self._keeping: gevent.Greenlet[[], None] | None = None

    def show(self, content: object) -> None:
        """Let the node hold this, from now on."""
        self._content = orjson.dumps(content)
        if self._keeping is None:
            self._keeping = gevent.spawn(self._keep)
        self._wake.set()

    def leave(self) -> None:
        """Take the node away, if that is possible now; else it goes with the session."""
        if self._keeping is not None:
            self._keeping.kill()
            self._keeping = None
        with suppress(KazooException, gevent.Timeout):
            if self._shown is not None and self._client.connected:
                self._client.delete_async(self._path).get(timeout=ASK_WITHIN_S)
        self._shown = None

    def _keep(self) -> None:
        while True:
            self._wake.wait(timeout=LOOK_EVERY_S)
            self._wake.clear()
            wanted = (self._client.client_id, self._content)
            if not self._client.connected or wanted == self._shown:
                continue
            try:
                self._write(self._content or b"")
            except (KazooException, gevent.Timeout) as error:
                logger.warning("not in the registry yet: %r", error)
                continue
            self._shown = wanted

    def _write(self, content: bytes) -> None:
        if self._shown is not None and self._shown[0] == self._client.client_id:
            with suppress(NoNodeError):
                self._client.set_async(self._path, content).get(timeout=ASK_WITHIN_S)
                return
        with suppress(NoNodeError):  # of an earlier session of this process, which would take it along when it expires
            self._client.delete_async(self._path).get(timeout=ASK_WITHIN_S)
        self._client.create_async(self._path, content, ephemeral=True, makepath=True).get(timeout=ASK_WITHIN_S)


class Registration:
    """A worker's. `begin` takes its address out of draining: whoever starts wants requests."""

    def __init__(self, client: KazooClient, kind: str, address: str) -> None:
        self._client = client
        self._address = address
        self._presence = Presence(client, f"{REGISTRY}/{kind}/{host_name()}-{os.getpid()}")

    def begin(self) -> None:
        """Register as soon as ZooKeeper is there."""
        gevent.spawn(self._begin)

    def _begin(self) -> None:
        while True:
            try:
                _undrain(self._client, self._address)
            except (KazooException, gevent.Timeout):
                gevent.sleep(LOOK_EVERY_S)
                continue
            self._presence.show({"address": self._address})
            return

    def end(self) -> None:
        """Deregister."""
        self._presence.leave()


class Registry:
    """Reads of the registry; every call is bounded. Raises KazooException, gevent.Timeout."""

    def __init__(self, client: KazooClient) -> None:
        self._client = client

    def addresses(self, kind: str, changed: Watch | None = None) -> set[str]:
        """Where workers of the kind are that may get requests. `changed` is called once when that may have changed: always the
        same one, as kazoo keeps every other one until then."""
        draining = self.draining(changed)
        nodes = self._children(f"{REGISTRY}/{kind}", changed)
        contents = [self._client.get_async(f"{REGISTRY}/{kind}/{node}") for node in nodes]
        found = set()
        for content in contents:
            with suppress(NoNodeError):
                found.add(_address(content.get(timeout=ASK_WITHIN_S)[0]))
        strange = {one for one in found if not UPSTREAM.fullmatch(one)}
        if strange:
            logger.error("not addresses: %s", sorted(strange))
        return found - strange - draining

    def draining(self, changed: Watch | None = None) -> set[str]:
        """Addresses that shall get no more requests."""
        return {unquote(one) for one in self._children(DRAINING, changed)}

    def served(self) -> dict[str, list[str]]:
        """Host → the addresses that its Nginx sends requests to."""
        answers = {}
        for host in self._children(FOLLOWERS):
            with suppress(NoNodeError):
                answers[host] = orjson.loads(self._client.get_async(f"{FOLLOWERS}/{host}").get(timeout=ASK_WITHIN_S)[0])
        return answers

    def drain(self, address: str, within_s: float = 10.0) -> bool:
        """Let no Nginx send anything more to the address. True when all of them say so, False after `within_s`.

        Whoever stops a worker does this first, then stops it: what it still has it finishes.
        """
        path = f"{DRAINING}/{quote(address, safe='')}"
        with suppress(NodeExistsError):
            self._client.create_async(path, makepath=True).get(timeout=ASK_WITHIN_S)
        deadline = monotonic() + within_s
        while self._asking(address):
            if monotonic() > deadline:
                return False
            gevent.sleep(0.05)
        return True

    def _asking(self, address: str) -> set[str]:
        """The hosts whose Nginx may send requests to the address: those which say so, and those which say nothing."""
        served = self.served()
        silent = set(self._children(HOSTS)) - set(served)
        return silent | {host for host, addresses in served.items() if address in addresses}

    def undrain(self, address: str) -> None:
        """It may get requests again."""
        _undrain(self._client, address)

    def _children(self, path: str, changed: Watch | None = None) -> list[str]:
        try:
            return list(self._client.get_children_async(path, watch=changed).get(timeout=ASK_WITHIN_S))
        except NoNodeError:
            return []


class Roster:
    """The hosts that are there. While ZooKeeper is away: those that were."""

    def __init__(self, client: KazooClient) -> None:
        self._client = client
        self._known: set[str] = set()
        self.seen_at = 0  # epoch milliseconds: when ZooKeeper was last asked, and answered

    def hosts(self) -> set[str]:
        """Never raises for ZooKeeper's sake."""
        if self._client.connected:
            with suppress(KazooException, gevent.Timeout):
                asked_at = CampusClock().epoch_ms()
                try:
                    self._known = set(self._client.get_children_async(HOSTS).get(timeout=ASK_WITHIN_S))
                except NoNodeError:
                    self._known = set()
                self.seen_at = asked_at
        return self._known


def _address(content: bytes) -> str:
    """What a worker's node says; whatever it is, `UPSTREAM` judges it."""
    try:
        return str(orjson.loads(content)["address"])
    except (ValueError, LookupError, TypeError):
        return repr(content)


def _undrain(client: KazooClient, address: str) -> None:
    with suppress(NoNodeError):
        client.delete_async(f"{DRAINING}/{quote(address, safe='')}").get(timeout=ASK_WITHIN_S)
