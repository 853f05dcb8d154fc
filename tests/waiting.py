"""Waiting for what can be looked at."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(happened: Callable[[], object], what: str, within_s: float = 60.0) -> None:
    """Return when `happened()` is true; whatever it raises means "not yet"."""
    deadline = time.monotonic() + within_s
    error: Exception | None = None
    while time.monotonic() < deadline:
        try:
            if happened():
                return
            error = None
        except Exception as problem:
            error = problem
        time.sleep(0.03)
    raise AssertionError(f"no {what} within {within_s:.0f} s ({error!r})")
