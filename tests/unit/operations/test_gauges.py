"""What alerts are told when nobody could learn it: not the last word of before."""

from __future__ import annotations

from math import isnan
from typing import Any

from app.operations.gauges import CONSUMERS, DEPTH, show

QUEUES = [{"name": "test.first", "depth": 3, "consumers": 1}, {"name": "test.second", "depth": 0, "consumers": 1}]


def overview(queues: list[dict[str, Any]] | None) -> dict[str, Any]:
    host = {"programs": [], "spool": None}
    unknown = {"claims": None, "reconciliation": None, "outbox_open": None}
    return {**unknown, "hosts": [host], "servers": [], "queues": queues}


def told(name: str) -> list[float]:
    """Depth and consumers."""
    return [
        sample.value
        for gauge in (DEPTH, CONSUMERS)
        for family in gauge.collect()
        for sample in family.samples
        if sample.labels["queue"] == name
    ]


def test_queues_of_a_broker_that_is_away_are_not_a_number() -> None:
    show(overview(QUEUES))
    assert told("test.first") == [3, 1]
    show(overview(None))
    assert [isnan(one) for one in told("test.first") + told("test.second")] == [True] * 4
    show(overview(QUEUES[:1]))
    assert told("test.first") == [3, 1]
    assert [isnan(one) for one in told("test.second")] == [True] * 2
