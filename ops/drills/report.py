"""What is kept of a drill: a JSON document for machines, a page with a chart for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from html import escape
from pathlib import Path
from statistics import median
from typing import Any

import orjson

from ops.drills.run import Result
from ops.drills.timeline import STEP_S, Step

# What a sentence of the checker is about, by a part of it; anything else contradicts what was told.
KINDS = (
    ("oversold", "oversold"),
    ("lost", "not decided"),
    ("lost", "undecided"),
    ("lost", "was not told"),
    ("lost", "pending in Redis"),
    ("duplicated", "decided twice"),
    ("duplicated", "has course"),
    ("duplicated", "live bookings of student"),
)
WIDTH, HEIGHT, FLOOR = 900, 220, 200


def document(result: Result) -> dict[str, Any]:
    """The report as plain data; see `Result` and `Seen` for units."""
    drill = result.drill
    fields = asdict(result)
    del fields["drill"]
    head = {"name": drill.name, "title": {"zh": drill.title_zh, "en": drill.title}, "held": not result.violations}
    return {**head, **fields, "at": result.at.isoformat(timespec="seconds"), "counts": counted(result.violations)}


def counted(violations: Sequence[str]) -> dict[str, int]:
    """How many sentences of the checker are about what."""
    counts = dict.fromkeys(("lost", "duplicated", "oversold", "contradicted"), 0)
    for sentence in violations:
        counts[next((kind for kind, part in KINDS if part in sentence), "contradicted")] += 1
    return counts


def line(result: Result) -> str:
    """The result in one line of a terminal."""
    one, back = result.seen, result.seen.back_after_s
    verdict = "holds" if not result.violations else f"BROKEN: {len(result.violations)} violations"
    return (
        f"{result.drill.name:22} gap {one.longest_gap_s:5.2f} s  failed {one.failed_share:6.2%} of {one.answers:5d}  "
        f"full speed after {'never' if back is None else f'{back:4.1f} s'}  no decision {one.decisions_gap_s:4.1f} s  "
        f"no verdict {one.without_redis_s:4.1f} s  no mark {_seconds(_no_mark(result))}  "
        f"whole {result.whole_after_s:4.1f} s after  {result.promised} promised  {result.mended} mended  {verdict}"
    )


def medians(results: Sequence[Result]) -> str:
    """Of several runs of one drill: the median of each figure and its range."""
    figures: dict[str, Sequence[float]] = {
        "gap": [one.seen.longest_gap_s for one in results],
        "no decision": [one.seen.decisions_gap_s for one in results],
        "no verdict": [one.seen.without_redis_s for one in results],
        "no mark": [gap for one in results if (gap := _no_mark(one)) is not None],
    }
    said = "  ".join(
        f"{name} {median(all_of):.2f} s ({min(all_of):.2f} to {max(all_of):.2f})"
        for name, all_of in figures.items()
        if all_of
    )
    return f"{results[0].drill.name:22} {len(results)} runs, medians: {said}"


def _no_mark(result: Result) -> float | None:
    """Where it was longest, of the hosts that could say."""
    return max((gap for gap in result.marks_gap_s.values() if gap is not None), default=None)


def _seconds(figure: float | None) -> str:
    return "—" if figure is None else f"{figure:.1f} s"


def save(result: Result, folder: Path) -> Path:
    """Write both; returns the page."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{result.at:%Y%m%d-%H%M%S}-{result.drill.name}"
    text = orjson.dumps(document(result), option=orjson.OPT_INDENT_2)
    (folder / f"{name}.json").write_bytes(text + b"\n")
    path = folder / f"{name}.html"
    path.write_text(page(result), encoding="utf-8")
    return path


def page(result: Result) -> str:
    """One page, without any file beside it."""
    one, back = result.seen, result.seen.back_after_s
    rows = (
        ("负载 / load", f"{result.per_second:g} 人/秒 students/s, seed {result.seed}"),
        ("最长无响应 / longest gap", f"{one.longest_gap_s:.2f} s"),
        ("失败比例 / failed share", f"{one.failed_share:.2%} ({one.answers} answers)"),
        ("恢复全速 / full speed after", "—" if back is None else f"{back:.1f} s"),
        ("恢复正常模式 / whole after the heal", f"{result.whole_after_s:.1f} s"),
        ("最长等待结果 / longest wait for a decision", f"{one.longest_wait_for_decision_s:.1f} s"),
        ("最长无裁决 / longest time without a decision", f"{one.decisions_gap_s:.1f} s"),
        ("未经 Redis 受理的时间 / accepted without Redis' verdict for", f"{one.without_redis_s:.1f} s"),
        (
            "无法登记“办理中” / no claim could be marked for",
            ", ".join(f"{name} {_seconds(gap)}" for name, gap in result.marks_gap_s.items()),
        ),
        ("已受理 / promised", f"{result.promised} / {result.wishes}"),
        ("被修正的计数 / counters mended", str(result.mended)),
        *((f"{what}", str(count)) for what, count in document(result)["counts"].items()),
    )
    table = "".join(f"<tr><th scope=row>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows)
    wrong = "".join(f"<li>{escape(sentence)}</li>" for sentence in result.violations[:100])
    title = f"{result.drill.title_zh} / {result.drill.title}"
    return (
        f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
        f"<h1>{escape(title)}</h1><p>{result.at:%Y-%m-%d %H:%M} UTC</p>{_chart(result)}<table>{table}</table>"
        + (f"<h2>违反 / violations</h2><ul>{wrong}</ul>" if wrong else "<p>没有任何违反。/ Nothing is wrong.</p>")
    )


STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2430}"
    "th{text-align:start;padding-inline-end:2rem;font-weight:normal}td{font-variant-numeric:tabular-nums}"
    "svg{inline-size:100%}.good{fill:#1d7a46}.failed{fill:#b3261e}line{stroke:#1c2430;stroke-dasharray:4 3}text{font-size:12px}"
)


def _chart(result: Result) -> str:
    """Answers in each half second: good ones upward, failed ones on top; the break and the heal as lines."""
    steps = result.seen.steps
    most = max((step.good + step.failed for step in steps), default=1) or 1
    across = WIDTH / max(1, len(steps))
    bars = "".join(_bar(step, number * across, across, FLOOR / most) for number, step in enumerate(steps))
    marks = "".join(
        _mark(moment / STEP_S * across, words)
        for moment, words in ((result.broken_at, "故障 break"), (result.healed_at, "修复 heal"))
    )
    label = f"每半秒的答复，最多 {most} / answers in half a second, at most {most}"
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">{bars}{marks}'
        f'<text x="0" y="{HEIGHT - 4}">0 s</text>'
        f'<text x="{WIDTH}" y="{HEIGHT - 4}" text-anchor="end">{result.ended_at:.0f} s</text></svg><p>{label}</p>'
    )


def _bar(step: Step, left: float, across: float, scale: float) -> str:
    good, failed = step.good * scale, step.failed * scale
    width = max(0.5, across - 1)
    return (
        f'<rect class="good" x="{left:.1f}" y="{FLOOR - good:.1f}" width="{width:.1f}" height="{good:.1f}"/>'
        f'<rect class="failed" x="{left:.1f}" y="{FLOOR - good - failed:.1f}" width="{width:.1f}" height="{failed:.1f}"/>'
    )


def _mark(left: float, words: str) -> str:
    return f'<line x1="{left:.1f}" x2="{left:.1f}" y1="0" y2="{FLOOR}"/><text x="{left + 3:.1f}" y="12">{words}</text>'
