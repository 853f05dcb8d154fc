"""The picture: rates with their ranges, and CPU-ms per request by process group."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ops.bench.results import Results

COLOURS = ("#2f5d8a", "#c8553d", "#5b8e7d", "#e0a458", "#7d5ba6", "#4f6d7a", "#a63d40", "#90a959", "#6a4c93", "#999999")


def draw(path: Path, results: Results) -> None:
    """Write a PNG."""
    import matplotlib as mpl  # noqa: PLC0415 - it takes a second to load, and only a picture needs it

    mpl.use("Agg")
    from matplotlib import pyplot  # noqa: PLC0415

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(14, 5.5), layout="constrained")
    _draw_rates(left, results)
    _draw_cpu(right, results)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def _draw_rates(axes: Any, results: Results) -> None:
    rates = {part: spread for part in results.parts() if (spread := results.spread(part, "per_s")) is not None}
    values = [spread.median for spread in rates.values()]
    below = [spread.median - spread.low for spread in rates.values()]
    above = [spread.high - spread.median for spread in rates.values()]
    axes.barh(list(rates), values, xerr=[below, above], color=COLOURS[0], ecolor="#222222", capsize=3)
    axes.invert_yaxis()
    axes.set_xlabel("per second (median; the line is the range of the rounds)")
    axes.set_title("Rates, generator on the same two cores")


def _draw_cpu(axes: Any, results: Results) -> None:
    parts = results.parts()
    groups = list(dict.fromkeys(group for part in parts for group in results.cpu_ms(part)))
    start = [0.0] * len(parts)
    for at, group in enumerate(groups):
        widths = [results.cpu_ms(part).get(group, 0.0) for part in parts]
        axes.barh(parts, widths, left=start, label=group, color=COLOURS[at % len(COLOURS)])
        start = [one + width for one, width in zip(start, widths, strict=True)]
    axes.invert_yaxis()
    axes.set_xlabel("CPU-ms per request")
    axes.set_title("Where the CPU goes")
    axes.legend(fontsize=8, ncols=2)
