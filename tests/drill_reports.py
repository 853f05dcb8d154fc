"""Reports as the tools of operators keep them, for the tests of who reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

COUNTS = {"lost": 0, "duplicated": 0, "oversold": 0, "contradicted": 0}
HEAD = {"title": {"zh": "演练", "en": "drill"}, "held": True, "counts": COUNTS, "violations": []}
DRILL: dict[str, Any] = {
    **HEAD,
    "at": "2026-11-28T09:00:00+00:00",
    "per_second": 60.0,
    "seed": 7,
    "broken_at": 6.0,
    "healed_at": 9.0,
    "whole_after_s": 1.5,
    "promised": 900,
    "seen": {
        "steps": [
            {"at": 0.0, "good": 30, "failed": 0, "slowest_ms": 12.0},
            {"at": 0.5, "good": 0, "failed": 4, "slowest_ms": 9},
        ],
        "longest_gap_s": 0.8,
        "failed_share": 0.01,
        "back_after_s": None,
        "longest_wait_for_decision_s": 2.5,
        "decisions_gap_s": 1.75,
        "without_redis_s": 0.25,
    },
}  # fmt: skip
REHEARSAL: dict[str, Any] = {
    **HEAD,
    "at": "2026-11-28T10:00:00+00:00",
    "plan": {"students": 30000, "lectures": 8, "seats": 500, "over_s": 1.0, "within_s": 60.0, "seed": 3},
    "drain_s": 21.0,
    "decided_per_s": 190.0,
    "seen": {
        "worst_wait_s": 24.0, "accepted": 4000, "refused_share": 0.8, "throttled_share": 0.0, "unavailable_share": 0.0,
        "failed_share": 0.0, "untold": 0,
    },
    "bottleneck_said": {"zh": "整机 CPU 已满", "en": "the machine was full"},
    "need_said": {"zh": "1 台", "en": "1 host"},
    "looks": [{"at": 0.5, "pending": 10, "queued": None}],
    "moments": [{"at": 0.5, "machine": 0.98}],
}  # fmt: skip


def keep(folder: Path, name: str, document: Any) -> None:
    """As a file of that name; bytes as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_bytes(document if isinstance(document, bytes) else orjson.dumps(document))
