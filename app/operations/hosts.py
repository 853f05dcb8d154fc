"""One host as the pages show it, by the sheet that it wrote (`sheets.py`): its programs and their workers, servers, spool."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from app.extensions.pulse import BOUNDS_MS, per_second, percentile
from app.operations.sheets import Sheet

PROGRAMS = ("web", "ws", "claims", "maintenance")
# A process tells once a second; one that is busy may be late.
SILENT_AFTER_S = 5.0
# A sheet is written every two seconds, by a program that first waits for servers, 1.5 s at most.
OLD_AFTER_S = 8.0

ProgramState = Literal["up", "silent", "down"]
HostState = Literal["up", "silent", "slow", "down"]


def host_document(sheet: Sheet) -> dict[str, Any]:
    """The host that wrote this. Raises LookupError, TypeError or ValueError for what is no sheet."""
    if sheet["age_s"] >= OLD_AFTER_S:
        return unknown_host(sheet["name"], "silent", sheet["age_s"])
    workers = [_worker(one) for one in _aged(sheet)]
    names = [*PROGRAMS, *sorted({one["program"] for one in workers} - set(PROGRAMS))]
    return {
        "name": sheet["name"],
        "state": "up",
        "age_s": round(sheet["age_s"], 1),
        "holds_vip": sheet["holds_vip"],
        "programs": [_program(name, [one for one in workers if one["program"] == name]) for name in names],
        "servers": [{**one, "name": str(one["name"])} for one in sheet["servers"]],
        "spool": sheet["spool"],
    }


def unknown_host(name: str, state: HostState, age_s: float | None = None) -> dict[str, Any]:
    """One that tells nothing, or nothing new: whatever it said before, nobody knows what is so now."""
    age = None if age_s is None else round(age_s, 1)
    nothing: dict[str, Any] = {"holds_vip": None, "programs": [], "servers": [], "spool": None}
    return {"name": name, "state": state, "age_s": age, **nothing}


def living(sheets: Sequence[Sheet]) -> list[dict[str, Any]]:
    """The pulses of all hosts' processes that tell of themselves now."""
    return [one for sheet in sheets for one in _aged(sheet) if one["age_s"] < SILENT_AFTER_S]


def reconciliation(told: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The newest comparison of Redis with MariaDB that any of these processes made."""
    found = [one["facts"]["reconciliation"] for one in told if one["facts"].get("reconciliation") is not None]
    return max(found, key=lambda outcome: float(outcome["at"]), default=None)


def _aged(sheet: Sheet) -> list[dict[str, Any]]:
    return [{**one, "age_s": one["age_s"] + sheet["age_s"]} for one in sheet["pulses"]]


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
        return round(sum(per_second(one, name) for one in told), 1)

    names = ("accepted", "answered", "refused", "failed", "decided")
    took = [one["took"] for one in told if len(one["took"]) == len(BOUNDS_MS)]
    return {**{f"{name}_per_s": rate(name) for name in names}, "p95_ms": percentile(took, 0.95) if took else None}
