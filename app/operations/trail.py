"""The last quarter of an hour, for charts that are there when the page is opened: a file, renewed with the public status."""

from __future__ import annotations

import re
from collections import deque
from pathlib import Path
from typing import Any

import orjson

from app.extensions.pulse import write_whole

POINTS = 450

Point = dict[str, Any]

_CLAIM_QUEUE = re.compile(r"claims\.\d+")


class Trail:
    """`add` is one more point; a program that is started again goes on where its predecessor ended."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._points: deque[Point] | None = None

    def add(self, seen: dict[str, Any]) -> None:
        """Raises OSError."""
        if self._points is None:
            self._points = deque(read_trail(self._path), maxlen=POINTS)
        self._points.append(point(seen))
        write_whole(self._path, orjson.dumps(list(self._points)))


def point(seen: dict[str, Any]) -> Point:
    """What the charts show of one look; null is what nobody could tell."""
    claims, flow, queues = seen["claims"], seen["flow"], seen["queues"]
    return {
        "at": seen["at"],
        "pending": None if claims is None else claims["pending"],
        "oldest_pending_ms": None if claims is None else claims["oldest_pending_ms"] or 0,
        "queued": None
        if queues is None
        else sum(one["depth"] for one in queues if _CLAIM_QUEUE.fullmatch(one["name"])),
        **{name: flow[name] for name in ("accepted_per_s", "decided_per_s", "failed_per_s", "p95_ms")},
    }


def read_trail(path: Path) -> list[Point]:
    """Oldest first; none when there is no file, or none that can be read."""
    try:
        points: list[Point] = orjson.loads(path.read_bytes())
    except (OSError, ValueError):
        return []
    return points
