"""The table for people and the JSON for everything else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ops.bench.audit import PROMISES
from ops.bench.floors import floors, ratios
from ops.bench.plan import Plan
from ops.bench.results import Result, Results, Spread
from ops.bench.selection.parts import THEIRS

TITLES = {
    "ceiling": "(a) ceiling: a constant Flask route",
    "locked": "(b) baseline, SELECT … FOR UPDATE: booked",
    "guarded": "(b) baseline, guarded UPDATE: booked",
    "locked_refusals": "(b) baseline, SELECT … FOR UPDATE: refused",
    "locked_hot": "(b) baseline, FOR UPDATE, one lecture: booked",
    "guarded_hot": "(b) baseline, guarded UPDATE, one lecture: booked",
    "guarded_refusals": "(b) baseline, guarded UPDATE: refused",
    "accepted": "(c) Seatrush: confirmed in MariaDB",
    "hot": "(c) Seatrush: the same, one hot lecture",
    "sold_out": "(d) Seatrush: refused, sold out",
    "status": "(e) Seatrush: status read",
    "crowd": "(f) everyone at once",
    "pace": "(g) half load, open loop",
    "ceiling_pace": "(g) the constant route at half of its own load",
    "opening": "(h) a round opens: wishes decided",
    "rules_in_redis": "(i) Redis's time of an admission",
    "timetable": "(j) own enrolments read",
    "catalogue": "(j) list of sections read",
    "page_shell": "(j) the page from Nginx",
    "published_shape": "(k) 50 courses, 2,018 seats, 500 users",
}
_MARKS = {True: "PASS", False: "FAIL", None: "not measured"}


def text(results: Results, plan: Plan) -> str:
    """The whole report, one string."""
    lines: list[str] = []
    for part in (_rates, _crowd, _cpu, _memory, _claims):
        lines += [*part(results), ""]
    return "\n".join([*lines, *_floors(results, plan)])


def write_json(path: Path, results: Results, plan: Plan, machine: dict[str, Any]) -> None:
    """Everything, every round."""
    document = {
        "machine": machine,
        "plan": asdict(plan),
        "results": [asdict(result) for result in results.all],
        "medians": {part: _medians(results, part) for part in results.parts()},
        "floors": [{**asdict(floor), "holds": floor.holds} for floor in floors(results)],
        "ratios": dict(ratios(results)),
        "memory": results.memory,
        "broken": results.broken,
    }
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def one_line(result: Result) -> str:
    """What is said while the bench runs."""
    numbers = ", ".join(f"{name} {value:,.1f}" for name, value in result.numbers.items())
    broken = result.findings.broken if result.findings else 0
    return f"round {result.round}  {result.part:<17} {numbers}" + (f"  BROKEN {broken}" if broken else "")


def _rates(results: Results) -> Iterator[str]:
    yield f"{'':<46}{'per second':>12}{'range':>20}{'p50 ms':>9}{'p99 ms':>9}"
    for part in results.parts():
        rate = results.spread(part, "per_s")
        if rate is not None:
            p50, p99 = results.spread(part, "p50_ms"), results.spread(part, "p99_ms")
            yield f"{TITLES[part]:<46}{rate.median:>12,.0f}{_range(rate):>20}{_one(p50):>9}{_one(p99):>9}"


def _crowd(results: Results) -> Iterator[str]:
    for part in ("crowd", "pace", "ceiling_pace", "opening", "rules_in_redis"):
        if not results.of(part):
            continue
        yield TITLES[part]
        for name in results.of(part)[0].numbers:
            spread = results.spread(part, name)
            if spread is not None:
                yield f"    {name:<42}{spread.median:>12,.1f}{_range(spread, 1):>20}"


def _cpu(results: Results) -> Iterator[str]:
    parts = [part for part in results.parts() if results.cpu_ms(part)]
    groups = dict.fromkeys(group for part in parts for group in results.cpu_ms(part))
    yield f"{'CPU-ms per request':<18}" + "".join(f"{group[:11]:>12}" for group in groups) + f"{'all':>9}"
    for part in parts:
        cpu = results.cpu_ms(part)
        cells = "".join(f"{cpu[group]:>12.3f}" if group in cpu else f"{'':>12}" for group in groups)
        yield f"{part:<18}{cells}{sum(cpu.values()):>9.3f}"


def _memory(results: Results) -> Iterator[str]:
    yield f"{'memory at the end':<18}{'process':>18}{'PSS MiB':>10}{'RSS MiB':>10}"
    for row in results.memory:
        yield f"{row['group']:<18}{row['name']:>18}{row['pss_mib']:>10.1f}{row['rss_mib']:>10.1f}"


def _claims(results: Results) -> Iterator[str]:
    found = [result.findings for result in results.all if result.findings]
    yield f"claims checked {sum(one.checked for one in found):,}: " + ", ".join(
        f"{name} {sum(getattr(one, name) for one in found)}" for name in PROMISES
    )
    for one in found:
        yield from (f"    {example}" for example in one.examples)
    for result in results.all:
        if result.numbers.get("other"):
            yield f"    {result.part}, round {result.round}: answers that don't belong there: {result.statuses}"


def _floors(results: Results, plan: Plan) -> Iterator[str]:
    yield "floors (issues 2, 3)" if plan.judged else "floors (issues 2, 3): a quick run is too short to judge by"
    for floor in floors(results):
        shown = "-" if floor.value is None else f"{floor.value:.2f}"
        yield f"    {floor.name:<46}{shown:>10}  {floor.sign} {floor.wanted:<6g} {_MARKS[floor.holds]}"
    yield from _published(results)
    for name, value in ratios(results):
        yield f"    {name:<46}{value:>10.2f}"


def _published(results: Results) -> Iterator[str]:
    """(k) beside what was published; on another machine, so no floor."""
    rate, p95 = results.spread("published_shape", "per_s"), results.spread("published_shape", "p95_ms")
    if rate is not None and p95 is not None:
        yield f"    published comparison, iterations/s (theirs {THEIRS['per_s']:,.0f}){rate.median:>18,.0f}"
        yield f"    published comparison, p95 ms (theirs {THEIRS['p95_ms']}){p95.median:>24.1f}"


def _medians(results: Results, part: str) -> dict[str, Any]:
    names = dict.fromkeys(name for result in results.of(part) for name in result.numbers)
    spreads = {name: results.spread(part, name) for name in names}
    return {name: asdict(spread) for name, spread in spreads.items() if spread} | {"cpu_ms": results.cpu_ms(part)}


def _range(spread: Spread, digits: int = 0) -> str:
    return f"{spread.low:,.{digits}f} – {spread.high:,.{digits}f}"


def _one(spread: Spread | None) -> str:
    return f"{spread.median:.1f}" if spread else ""
