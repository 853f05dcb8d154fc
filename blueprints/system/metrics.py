"""Prometheus text: of all programs of this host when this process shares its metrics (docs/operations.md), else its own."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Metric, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from app.extensions.metrics_folder import VARIABLE, shared_files

MEDIA_TYPE = CONTENT_TYPE_LATEST


class _Host(Collector):
    """The metrics of every program of the host, added up."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        try:
            return self._merged()
        except FileNotFoundError:  # a program has ended since its files were listed
            return self._merged()

    def _merged(self) -> Iterable[Metric]:
        merged: Iterable[Metric] = MultiProcessCollector.merge(shared_files(self._folder))  # type: ignore[no-untyped-call]
        return merged


def exposition(folder: Path) -> bytes:
    """What GET /metrics answers; `folder`: where the programs of the host keep theirs."""
    if not os.environ.get(VARIABLE):
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    registry.register(_Host(folder))
    return generate_latest(registry)
