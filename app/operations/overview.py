"""The whole state at one glance: flow, claims, queues, servers, hosts. Always answers, whatever is away."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from app.admission.engine import Engine
from app.extensions.broker import DEAD
from app.extensions.services import Services
from app.operations.asking import Asker, Heard
from app.operations.hosts import flow, host_document, living, reconciliation, unknown_host
from app.operations.members import own_questions
from app.operations.servers import questions
from app.operations.sheets import Sheet, ask_for_sheet, own_sheet

Document = dict[str, Any]


class Overview:
    """`read()` takes at most `asking.WITHIN_S`; what a server or a host did not tell is null. One per process."""

    def __init__(self, services: Services, engine: Engine) -> None:
        self._services = services
        self._hosts = services.settings.hosts or ((platform.node(), ""),)
        self._asker = Asker()
        self._reached = questions(services, engine)
        self._own = own_questions(services.settings) if services.settings.hosts else {}
        self._questions: dict[str, Callable[[], Any]] = {
            **self._reached,
            **{f"own {name}": question for name, question in self._own.items()},
            **{f"host {name}": partial(_told, name, address) for name, address in self._hosts[1:]},
        }

    def read(self) -> Document:
        """The document of `GET /api/ops/status`."""
        return self.look()[0]

    def look(self) -> tuple[Document, Sheet]:
        """It, and what this host tells the others of itself."""
        heard = self._asker.ask(self._questions)
        own = self._own_sheet(heard)
        sheets, hosts = self._sheets_and_hosts(own, heard)
        said = {name: heard[name].said or {} for name in self._reached}
        return self._document(said, sheets, hosts, {name: heard[name].state for name in self._reached}), own

    def _own_sheet(self, heard: dict[str, Heard]) -> Sheet:
        """Of a host that is alone, its servers are those that its programs reach."""
        servers = [_server(name, heard[f"own {name}" if self._own else name]) for name in self._reached]
        return own_sheet(self._services.settings, self._hosts[0][0], servers)

    def _sheets_and_hosts(self, own: Sheet, heard: dict[str, Heard]) -> tuple[list[Sheet], list[Document]]:
        sheets, hosts = [own], [host_document(own)]
        for name, _ in self._hosts[1:]:
            one = heard[f"host {name}"]
            if one.said is None:
                hosts.append(unknown_host(name, one.state))
                continue
            sheet, host = one.said
            hosts.append(host)
            if host["state"] == "up":
                sheets.append(sheet)
        return sheets, hosts

    def _document(
        self, said: dict[str, Any], sheets: Sequence[Sheet], hosts: Sequence[Document], states: dict[str, str]
    ) -> Document:
        queues, told = said["rabbitmq"].get("queues"), living(sheets)
        return {
            "at": self._services.clock.now(),
            "flow": flow(told),
            "claims": _claims(said["redis"]),
            "epoch": {"mariadb": said["mariadb"].get("epoch"), "redis": said["redis"].get("epoch")},
            "admission": said["mariadb"].get("admission"),
            "outbox_open": said["mariadb"].get("outbox_open"),
            "queues": queues,
            "dead_letters": _depth(queues, DEAD),
            "marks": said["zookeeper"].get("marks"),
            "reconciliation": reconciliation(told),
            "vip_holder": _holder(hosts),
            "servers": [{"name": name, "state": state} for name, state in states.items()],
            "hosts": [self._placed(host, said) for host in hosts],
        }

    def _placed(self, host: Document, said: dict[str, Any]) -> Document:
        """With what only the whole knows: who is written to, how far the primary's replicas are behind, whose spool is void."""
        address = dict(self._hosts)[host["name"]].rpartition(":")[0]
        servers = {one["name"]: one for one in host["servers"]}
        if said["mariadb"].get("writer") == host["name"] and "mariadb" in servers:
            servers["mariadb"] = {**servers["mariadb"], "role": "writer"}
        if address in said["redis"].get("replicas", {}) and "redis" in servers:
            servers["redis"] = {**servers["redis"], "behind": said["redis"]["replicas"][address]}
        written_off = said["mariadb"].get("written_off", {}).get(host["name"])
        return {**host, "servers": list(servers.values()), "written_off_at": written_off and written_off / 1000}


def _told(name: str, address: str) -> tuple[Sheet, Document]:
    """Another host's sheet, and what it shows. Raises whatever is wrong with it: another version's may lack something.

    The inventory here says who it is: what it calls itself may be the name of another.
    """
    sheet = {**ask_for_sheet(address), "name": name}
    return sheet, host_document(sheet)


def _holder(hosts: Sequence[Document]) -> str | None:
    """Who has the virtual address: None too when two think that they have it."""
    holding = [host["name"] for host in hosts if host["holds_vip"]]
    return holding[0] if len(holding) == 1 else None


def _claims(said: dict[str, Any]) -> Document | None:
    return {name: said[name] for name in ("pending", "oldest_pending_ms")} if said else None


def _depth(queues: list[Document] | None, name: str) -> int | None:
    """None when nobody could tell; a queue that is not there yet holds nothing."""
    return None if queues is None else next((one["depth"] for one in queues if one["name"] == name), 0)


def _server(name: str, heard: Heard) -> Document:
    """What a member said of itself; null where there is none of it."""
    said = heard.said or {}
    state = "down" if said.get("fit") is False else heard.state
    return {"name": name, "state": state, **{key: said.get(key) for key in ("role", "note", "behind", "lag_ms")}}
