"""What of a report is shown: figures, lines over time, moments that are marked, and whatever was wrong."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

Points = list[dict[str, float | None]]

COUNTS = ("lost", "duplicated", "oversold", "contradicted")


def view(folder: str, name: str, kept: dict[str, Any]) -> dict[str, Any]:
    """The document of GET /api/ops/drills/{id}. Raises KeyError, TypeError or ValueError for what is no report."""
    at = datetime.fromisoformat(kept["at"])
    if at.tzinfo is None:
        raise ValueError("a time without an offset")
    return {
        "id": name,
        "at": at,
        "title": {language: str(kept["title"][language]) for language in ("zh", "en")},
        "held": kept["held"] is True,
        "counts": {one: int(kept["counts"][one]) for one in COUNTS},
        "violations": [str(one) for one in kept["violations"]][:100],
        **VIEWS[folder](kept),
    }


def _drill(kept: dict[str, Any]) -> dict[str, Any]:
    seen, steps = kept["seen"], kept["seen"]["steps"]
    unmarked = _longest(kept.get("marks_gap_s", {}))
    return {
        "kind": "drill",
        "figures": _figures(
            ("per_second", kept["per_second"]),
            ("seed", kept["seed"]),
            ("longest_gap_s", seen["longest_gap_s"]),
            ("failed_share", seen["failed_share"]),
            ("back_after_s", seen["back_after_s"]),
            ("whole_after_s", kept["whole_after_s"]),
            ("longest_wait_s", seen["longest_wait_for_decision_s"]),
            *(
                (name, seen[name]) for name in ("decisions_gap_s", "without_redis_s") if name in seen
            ),  # older ones have none
            *([] if unmarked is None else [("marks_gap_s", unmarked)]),
            ("promised", kept["promised"]),
        ),
        "said": [],
        "marks": [{"name": name, "at_s": float(kept[f"{name}_at"])} for name in ("broken", "healed")],
        "lines": [_line(name, ((one["at"], one[name]) for one in steps)) for name in ("good", "failed", "slowest_ms")],
    }


def _longest(figures: dict[str, float | None]) -> float | None:
    """Of the hosts that could say; None when none could, as in older reports."""
    return max((one for one in figures.values() if one is not None), default=None)


def _rehearsal(kept: dict[str, Any]) -> dict[str, Any]:
    plan, seen = kept["plan"], kept["seen"]
    looks, moments = kept["looks"], kept["moments"]
    return {
        "kind": "rehearsal",
        "figures": _figures(
            *((name, plan[name]) for name in ("students", "lectures", "seats", "over_s", "within_s", "seed")),
            ("drain_s", kept["drain_s"]),
            ("decided_per_s", kept["decided_per_s"]),
            ("longest_wait_s", seen["worst_wait_s"]),
            ("promised", seen["accepted"]),
            *((name, seen[name]) for name in ("refused_share", "throttled_share", "unavailable_share", "failed_share")),
            ("untold", seen["untold"]),
        ),
        "said": [
            {"name": name, "zh": str(kept[f"{name}_said"]["zh"]), "en": str(kept[f"{name}_said"]["en"])}
            for name in ("bottleneck", "need")
        ],
        "marks": [],
        "lines": [
            *(_line(name, ((one["at"], one[name]) for one in looks)) for name in ("pending", "queued")),
            _line("machine", ((one["at"], one["machine"]) for one in moments)),
        ],
    }


# By the folder that a tool fills.
VIEWS = {"drills": _drill, "rehearsals": _rehearsal}


def _figures(*each: tuple[str, Any]) -> list[dict[str, Any]]:
    return [{"name": name, "value": None if value is None else float(value)} for name, value in each]


def _line(name: str, points: Iterable[tuple[Any, Any]]) -> dict[str, Any]:
    """`value` None: nobody knew."""
    return {
        "name": name,
        "points": [{"at_s": float(at), "value": None if value is None else float(value)} for at, value in points],
    }
