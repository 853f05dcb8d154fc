"""The public status: a file that Nginx serves, renewed every two seconds by the maintenance program.

Whoever reads it needs neither Flask nor a database; that it is old is for the reader to see, by `at_ms` and `every_s`.
"""

from __future__ import annotations

from typing import Any, Literal

import orjson
from prometheus_client import Gauge

from app.admission.engine import Engine
from app.controls.reading import Controls
from app.extensions.clock import machine_ms
from app.extensions.pulse import write_whole
from app.extensions.services import Services
from app.operations.gauges import show
from app.operations.overview import Overview
from app.operations.sheets import write_sheet
from app.operations.trail import Trail

EVERY_S = 2.0

WRITTEN = Gauge(
    "seatrush_status_written_timestamp_seconds",
    "When the public status was written last",
    multiprocess_mode="livemostrecent",
)

Verdict = Literal["good", "partly", "bad"]
# Part of the public status → the program or server that it is.
_PROGRAMS = {"app": "web", "live": "ws", "deciding": "claims"}
_SERVERS = {"database": "mariadb", "cache": "redis", "queue": "rabbitmq", "marks": "zookeeper"}


class PublicStatus:
    """`write()` is one pass of the maintenance program."""

    def __init__(self, services: Services, engine: Engine) -> None:
        self._services = services
        self._overview = Overview(services, engine)
        self._controls = Controls(services)
        self._trail = Trail(services.settings.trail_file)

    def write(self) -> None:
        """Raises OSError."""
        seen, sheet = self._overview.look()
        if self._services.settings.hosts:
            write_sheet(self._services.settings.host_sheet, sheet)
        show(seen)
        notice = self._controls.known("maintenance_notice")
        # By the machine's clock: Nginx, by whose clock the page judges its age, has no other.
        document = {**public(seen), "at_ms": machine_ms(), "every_s": EVERY_S, "notice": notice}
        write_whole(self._services.settings.public_status, orjson.dumps(document))
        WRITTEN.set_to_current_time()
        self._trail.add(seen)


def public(seen: dict[str, Any]) -> dict[str, Any]:
    """What everybody may know of the state. Of several hosts, one whose program stands is enough."""
    told = [one for host in seen["hosts"] for one in host["programs"]]
    servers = {one["name"]: one["state"] for one in seen["servers"]}
    parts = {part: _best({one["state"] for one in told if one["name"] == name}) for part, name in _PROGRAMS.items()}
    parts |= {part: servers.get(name, "down") for part, name in _SERVERS.items()}
    claims = seen["claims"] or {}
    return {
        "verdict": verdict(parts),
        "parts": parts,
        "pending": claims.get("pending"),
        "oldest_pending_ms": claims.get("oldest_pending_ms"),
        "decided_per_s": seen["flow"]["decided_per_s"],
    }


def _best(states: set[str]) -> str:
    return next((state for state in ("up", "silent") if state in states), "down")


def verdict(parts: dict[str, str]) -> Verdict:
    """ "bad": no claim can be made. One server that is away has a degraded mode, so it is only "partly"."""
    if set(parts.values()) == {"up"}:
        return "good"
    unreadable = "up" not in (parts["database"], parts["cache"])
    return "bad" if parts["app"] != "up" or unreadable else "partly"
