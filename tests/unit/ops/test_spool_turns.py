"""The pass "spool" looks some times in a row while a rebuild drains, and no longer."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from consumers import maintenance


class Spools:
    """Stands for the courier and the flushes of an engine."""

    def __init__(self, *awaited: bool) -> None:
        self.sent = 0
        self._awaited: Iterator[bool] = iter(awaited)

    @property
    def engine(self) -> Any:
        flushes = SimpleNamespace(answer=lambda: next(self._awaited))
        return SimpleNamespace(courier=SimpleNamespace(replay_spool=self._send), flushes=flushes)

    def _send(self) -> None:
        self.sent += 1


@pytest.mark.parametrize(
    ("awaited", "turns"), [([False], 1), ([True, True, False], 3), ([True] * 99, maintenance.SPOOL_TURNS)]
)
def test_as_long_as_somebody_waits(monkeypatch: pytest.MonkeyPatch, awaited: list[bool], turns: int) -> None:
    monkeypatch.setattr(maintenance, "SPOOL_PAUSE_S", 0.0)
    spools = Spools(*awaited)
    maintenance._send_spool(spools.engine)
    assert spools.sent == turns
