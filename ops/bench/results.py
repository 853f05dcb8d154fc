"""What one part gave in one round, and the summary of all rounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from ops.bench.audit import Findings


@dataclass(slots=True)
class Result:
    """One part, one round. `numbers` by name (per_s, p99_ms …); `cpu_ms` per item and process group."""

    part: str
    numbers: dict[str, float]
    statuses: dict[str, int] = field(default_factory=dict)
    cpu_ms: dict[str, float] = field(default_factory=dict)
    findings: Findings | None = None
    round: int = 0


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of the rounds, and the range they lie in."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        return cls(median(values), min(values), max(values))


class Results:
    """All results of a run in the order in which they came."""

    def __init__(self) -> None:
        self.all: list[Result] = []
        self.memory: list[dict[str, Any]] = []

    def of(self, part: str) -> list[Result]:
        """The results of one part, by round."""
        return [result for result in self.all if result.part == part]

    def parts(self) -> list[str]:
        """The parts that ran, in order."""
        return list(dict.fromkeys(result.part for result in self.all))

    def spread(self, part: str, name: str) -> Spread | None:
        """A number over the rounds; None when it was not measured."""
        values = [result.numbers[name] for result in self.of(part) if name in result.numbers]
        return Spread.of(values) if values else None

    def cpu_ms(self, part: str) -> dict[str, float]:
        """The median CPU-ms per item by process group."""
        results = self.of(part)
        groups = dict.fromkeys(group for result in results for group in result.cpu_ms)
        return {group: median(result.cpu_ms.get(group, 0.0) for result in results) for group in groups}

    @property
    def broken(self) -> int:
        """Promises broken in the whole run."""
        return sum(result.findings.broken for result in self.all if result.findings)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of them lie (nearest rank); 0.0 for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
