"""One host's programs by their pulses, and its spool. With three hosts there will be three of these."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from typing import Any, Literal

from app.extensions.pulse import BOUNDS_MS, percentile, pulses
from app.settings import Settings

PROGRAMS = ("web", "ws", "claims", "maintenance")
# A process tells once a second; one that is busy may be late.
SILENT_AFTER_S = 5.0

ProgramState = Literal["up", "silent", "down"]


def this_host(settings: Settings) -> dict[str, Any]:
    """Its programs, each with its workers, and what its spool holds."""
    told = pulses(settings.pulses_dir)
    workers = [_worker(one) for one in told]
    names = [*PROGRAMS, *sorted({one["program"] for one in workers} - set(PROGRAMS))]
    return {
        "name": platform.node(),
        "programs": [_program(name, [one for one in workers if one["program"] == name]) for name in names],
        "spool": _spool(settings),
        "flow": flow([one for one in told if one["age_s"] < SILENT_AFTER_S]),
        "reconciliation": next((one["facts"].get("reconciliation") for one in told if _reconciles(one)), None),
    }


def _reconciles(pulse: dict[str, Any]) -> bool:
    return pulse["facts"].get("reconciliation") is not None


def _worker(pulse: dict[str, Any]) -> dict[str, Any]:
    rates = flow([pulse])
    return {
        "program": pulse["program"],
        "pid": pulse["pid"],
        "state": "silent" if pulse["age_s"] >= SILENT_AFTER_S else "up",
        "age_s": round(pulse["age_s"], 1),
        "up_s": round(pulse["at"] - pulse["since"]),
        "epoch": pulse["facts"]["epoch"],
        "breakers": pulse["facts"]["breakers"],
        **rates,
    }


def _program(name: str, workers: Sequence[dict[str, Any]]) -> dict[str, Any]:
    states = {one["state"] for one in workers}
    state: ProgramState = "up" if "up" in states else "silent" if states else "down"
    return {"name": name, "state": state, "workers": list(workers)}


def flow(told: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What some processes did per second, and how long 95 of 100 accepted claims took at most."""

    def rate(name: str) -> float:
        return round(float(sum(one["counts"].get(name, 0) / max(1, one["window_s"]) for one in told)), 1)

    names = ("accepted", "answered", "refused", "failed", "decided")
    took = [one["took"] for one in told if len(one["took"]) == len(BOUNDS_MS)]
    return {**{f"{name}_per_s": rate(name) for name in names}, "p95_ms": percentile(took, 0.95) if took else None}


def _spool(settings: Settings) -> dict[str, Any] | None:
    """How much the disk keeps for RabbitMQ; None when it cannot be read."""
    try:
        sizes = [path.stat().st_size for path in settings.spool_dir.glob("*.spool")]
    except OSError:
        return None
    return {"segments": len(sizes), "bytes": sum(sizes)}
