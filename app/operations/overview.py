"""The whole state at one glance: flow, claims, queues, servers, hosts. Always answers, whatever is away."""

from __future__ import annotations

from typing import Any

from app.admission.engine import Engine
from app.extensions.broker import DEAD
from app.extensions.services import Services
from app.operations.asking import Asker, Heard
from app.operations.hosts import this_host
from app.operations.servers import questions


class Overview:
    """`read()` takes at most `asking.WITHIN_S`; what a server did not tell is null. One per process."""

    def __init__(self, services: Services, engine: Engine) -> None:
        self._services = services
        self._engine = engine
        self._asker = Asker()

    def read(self) -> dict[str, Any]:
        """The document of `GET /api/ops/status`."""
        heard = self._asker.ask(questions(self._services, self._engine))
        said = {name: one.said or {} for name, one in heard.items()}
        host = this_host(self._services.settings)
        queues = said["rabbitmq"].get("queues")
        return {
            "at": self._services.clock.now(),
            "flow": host.pop("flow"),
            "claims": _claims(said["redis"]),
            "epoch": {"mariadb": said["mariadb"].get("epoch"), "redis": said["redis"].get("epoch")},
            "admission": said["mariadb"].get("admission"),
            "outbox_open": said["mariadb"].get("outbox_open"),
            "queues": queues,
            "dead_letters": _depth(queues, DEAD),
            "marks": said["zookeeper"].get("marks"),
            "reconciliation": host.pop("reconciliation"),
            "vip_holder": None,
            "hosts": [{**host, "servers": [_server(name, one) for name, one in heard.items()]}],
        }


def _claims(said: dict[str, Any]) -> dict[str, Any] | None:
    return {name: said[name] for name in ("pending", "oldest_pending_ms")} if said else None


def _depth(queues: list[dict[str, Any]] | None, name: str) -> int | None:
    """None when nobody could tell; a queue that is not there yet holds nothing."""
    return None if queues is None else next((one["depth"] for one in queues if one["name"] == name), 0)


def _server(name: str, heard: Heard) -> dict[str, Any]:
    """`role` and `lag_ms`: of one of several, where there are several."""
    return {"name": name, "state": heard.state, "role": (heard.said or {}).get("role"), "lag_ms": None}
