"""What is kept of a rehearsal: a JSON document for machines, a page with charts for people, some lines for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import Any

import orjson

from ops.drills.report import STYLE, counted
from ops.rehearsal import words
from ops.rehearsal.run import Result

WIDTH, HEIGHT, FLOOR = 900, 220, 200
SERIES = ("pending", "queued", "machine")
COLOURS = {"pending": "#1d4f9e", "queued": "#b3261e", "machine": "#6b7280"}

Points = list[tuple[float, float]]


def document(result: Result) -> dict[str, Any]:
    """The report as plain data; see `Result` and what it is made of for units."""
    plan = result.plan
    head = {
        "name": "rehearsal",
        "title": {"zh": f"开抢演练：{plan.students:,} 名学生", "en": f"rehearsal: {plan.students:,} students"},
        "held": not result.violations,
        "decided_per_s": result.per_s,
        "bottleneck_said": words.bottleneck(result),
        "need_said": words.need(result),
        "counts": counted(result.violations),
    }
    return {**head, **asdict(result), "at": result.at.isoformat(timespec="seconds")}


def text(result: Result) -> str:
    """For a terminal."""
    return "\n".join(f"{name:34} {value}" for name, value in words.rows(result))


def save(result: Result, folder: Path) -> Path:
    """Write both; returns the page."""
    name = f"{result.at:%Y%m%d-%H%M%S}-rehearsal"
    (folder / f"{name}.json").write_bytes(orjson.dumps(document(result), option=orjson.OPT_INDENT_2) + b"\n")
    path = folder / f"{name}.html"
    path.write_text(page(result), encoding="utf-8")
    return path


def page(result: Result) -> str:
    """One page, without any file beside it."""
    table = "".join(
        f"<tr><th scope=row>{escape(one)}</th><td>{escape(two)}</td></tr>" for one, two in words.rows(result)
    )
    wrong = "".join(f"<li>{escape(sentence)}</li>" for sentence in result.violations[:100])
    title = " / ".join(document(result)["title"].values())
    return (
        f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}path{{fill:none;stroke-width:2}}</style>"
        f"<h1>{escape(title)}</h1><p>{result.at:%Y-%m-%d %H:%M} UTC</p>{_chart(result)}<table>{table}</table>"
        + (f"<h2>违反 / violations</h2><ul>{wrong}</ul>" if wrong else "<p>没有任何违反。/ Nothing is wrong.</p>")
    )


def series(result: Result) -> dict[str, Points]:
    """By name: (seconds since the opening, number); `machine` is a share."""
    return {
        "pending": [(one.at, float(one.pending)) for one in result.looks if one.pending is not None],
        "queued": [(one.at, float(one.queued)) for one in result.looks if one.queued is not None],
        "machine": [(one.at, one.machine) for one in result.moments],
    }


def _chart(result: Result) -> str:
    """What waits, from nothing to its most, and how full the machine was, from nothing to full."""
    found = series(result)
    ended = max((at for points in found.values() for at, _ in points), default=1.0)
    most = max((value for name in ("pending", "queued") for _, value in found[name]), default=0.0) or 1.0
    lines = "".join(_line(found[name], ended, 1.0 if name == "machine" else most, COLOURS[name]) for name in SERIES)
    label = (
        f"蓝：待定（最多 {most:.0f}）；红：排队；灰：整机 CPU（满为顶）/ "
        f"blue: pending (at most {most:.0f}); red: queued; grey: CPU of the machine (the top is all of it)"
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">{lines}'
        f'<text x="0" y="{HEIGHT - 4}">0 s</text>'
        f'<text x="{WIDTH}" y="{HEIGHT - 4}" text-anchor="end">{ended:.0f} s</text></svg><p>{label}</p>'
    )


def _line(points: Sequence[tuple[float, float]], ended: float, most: float, colour: str) -> str:
    places = "L".join(f"{at / ended * WIDTH:.1f} {FLOOR - value / most * FLOOR:.1f}" for at, value in points)
    return f'<path d="M{places}" stroke="{colour}"/>' if places else ""
