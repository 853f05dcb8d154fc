"""The floors of issues 2 and 3, as ratios between parts of the same run."""

from __future__ import annotations

from dataclasses import dataclass

from ops.bench.results import Results


@dataclass(frozen=True, slots=True)
class Floor:
    """One thing that must hold. `value` None: not measured in this run."""

    name: str
    value: float | None
    wanted: float
    at_least: bool = True

    @property
    def holds(self) -> bool | None:
        if self.value is None:
            return None
        return self.value >= self.wanted if self.at_least else self.value <= self.wanted

    @property
    def sign(self) -> str:
        return "≥" if self.at_least else "≤"


def floors(results: Results) -> list[Floor]:
    """Every floor with what this run measured. A ratio is the median over the rounds of each round's own ratio."""
    better = max(("locked", "guarded"), key=lambda part: _median(results, part, "per_s") or 0.0)
    hotter = max(("locked_hot", "guarded_hot"), key=lambda part: _median(results, part, "per_s") or 0.0)
    refusing = max(("locked_refusals", "guarded_refusals"), key=lambda part: _median(results, part, "per_s") or 0.0)
    return [
        Floor(f"accepted and confirmed / baseline ({better})", _ratio(results, "accepted", better), 5.0),
        Floor(f"one hot lecture: confirmed / baseline ({hotter})", _ratio(results, "hot", hotter), 5.0),
        Floor("accepted and confirmed / ceiling", _ratio(results, "accepted", "ceiling"), 0.40),
        Floor("refused when sold out / ceiling", _ratio(results, "sold_out", "ceiling"), 0.70),
        Floor(f"refused when sold out / baseline ({refusing})", _ratio(results, "sold_out", refusing), 3.0),
        Floor("crowd: the last one knows, s", _worst(results, "crowd", "last_told_s"), 20.0, at_least=False),
        Floor("half load: p99 of the 202, ms", _median(results, "pace", "accepted_p99_ms"), 50.0, at_least=False),
        Floor("round opens: wishes decided / lecture claims", _ratio(results, "opening", "accepted"), 2.0),
        Floor("Redis: admission with rules / lecture", _rules(results), 1.5, at_least=False),
        Floor("timetable read / ceiling", _ratio(results, "timetable", "ceiling"), 0.5),
        Floor("catalogue read / ceiling", _ratio(results, "catalogue", "ceiling"), 0.5),
    ]


def ratios(results: Results) -> list[tuple[str, float]]:
    """Further ratios worth a look."""
    pairs = [
        ("hot", "accepted"),
        ("hot", "ceiling"),
        ("status", "ceiling"),
        ("guarded", "locked"),
        ("page_shell", "ceiling"),
    ]
    found = [(f"{one} / {other}", _ratio(results, one, other)) for one, other in pairs]
    found.append(("Redis: admission with rules in carts of six / lecture", _rules(results, "cart_us")))
    return [(name, value) for name, value in found if value is not None]


def _ratio(results: Results, part: str, other: str) -> float | None:
    """Both parts of a round ran close together, so what else the machine did at that time hit both."""
    mine, theirs = results.of(part), results.of(other)
    each = [a.numbers["per_s"] / b.numbers["per_s"] for a, b in zip(mine, theirs, strict=False) if b.numbers["per_s"]]
    return sorted(each)[len(each) // 2] if each else None


def _rules(results: Results, name: str = "section_us") -> float | None:
    each = [one.numbers[name] / one.numbers["lecture_us"] for one in results.of("rules_in_redis")]
    return sorted(each)[len(each) // 2] if each else None


def _median(results: Results, part: str, name: str) -> float | None:
    spread = results.spread(part, name)
    return spread.median if spread else None


def _worst(results: Results, part: str, name: str) -> float | None:
    spread = results.spread(part, name)
    return spread.high if spread else None
