"""What alerts need of the state, as metrics of the program that looks at it every two seconds."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan
from typing import Any

from prometheus_client import Gauge

# The newest word of the living: a program that was started again must not be outvoted by its predecessor.
_MODE: Any = "livemostrecent"

PENDING = Gauge("seatrush_claims_pending", "Claims without a decision, by Redis", multiprocess_mode=_MODE)
OLDEST = Gauge("seatrush_oldest_pending_seconds", "Age of the oldest of them", multiprocess_mode=_MODE)
OUTBOX = Gauge("seatrush_outbox_open", "Effects that are not done yet", multiprocess_mode=_MODE)
SPOOL = Gauge("seatrush_spool_bytes", "What this host's spool keeps for RabbitMQ", multiprocess_mode=_MODE)
UNREADABLE = Gauge(
    "seatrush_spool_unreadable", "Segments of this host's spool that were put aside", multiprocess_mode=_MODE
)
DIFFERENCES = Gauge(
    "seatrush_reconcile_differences", "Pools that differed at the last comparison", multiprocess_mode=_MODE
)
DEPTH = Gauge("seatrush_queue_messages", "Messages that wait", ["queue"], multiprocess_mode=_MODE)
CONSUMERS = Gauge("seatrush_queue_consumers", "Who takes from the queue", ["queue"], multiprocess_mode=_MODE)
SERVER = Gauge("seatrush_server_up", "1 when the server answered in time", ["server"], multiprocess_mode=_MODE)
WORKERS = Gauge("seatrush_workers", "Processes that tell of themselves", ["program"], multiprocess_mode=_MODE)

# Of which something has been told.
_QUEUES: set[str] = set()


def show(seen: dict[str, Any]) -> None:
    """Set all of them by the overview; what nobody could tell is not a number."""
    claims, host, outcome = seen["claims"] or {}, seen["hosts"][0], seen["reconciliation"] or {}
    PENDING.set(_or_nan(claims.get("pending")))
    OLDEST.set((claims.get("oldest_pending_ms") or 0) / 1000 if claims else nan)
    OUTBOX.set(_or_nan(seen["outbox_open"]))
    SPOOL.set(_or_nan((host["spool"] or {}).get("bytes")))
    UNREADABLE.set(_or_nan((host["spool"] or {}).get("unreadable")))
    DIFFERENCES.set(_or_nan(outcome.get("differing")))
    _show_queues(seen["queues"])
    for server in seen["servers"]:
        SERVER.labels(server["name"]).set(server["state"] == "up")
    for program in host["programs"]:
        WORKERS.labels(program["name"]).set(sum(one["state"] == "up" for one in program["workers"]))


def _show_queues(queues: Sequence[dict[str, Any]] | None) -> None:
    """Of one that is not told of, what was told last must not stand as if it were so still."""
    told = {one["name"]: (one["depth"], one["consumers"]) for one in queues or ()}
    _QUEUES.update(told)
    for name in _QUEUES:
        depth, consumers = told.get(name, (nan, nan))
        DEPTH.labels(name).set(depth)
        CONSUMERS.labels(name).set(consumers)


def _or_nan(value: float | None) -> float:
    return nan if value is None else value
