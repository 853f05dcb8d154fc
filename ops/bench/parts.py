"""The parts (a) to (g) of issue 2, item 8. Each measures one thing once, then checks every claim it made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import bindparam, text

from ops.bench.audit import Findings, Told, audit, audit_baseline
from ops.bench.costs import Meter, spent_ms
from ops.bench.crowd import Crowd, press_at_once, press_steadily
from ops.bench.epoll import Client
from ops.bench.offerings import Offerings, bookings, open_baseline, open_lectures, plain
from ops.bench.plan import Plan
from ops.bench.results import Result, percentile
from ops.bench.rig import Rig, Student
from ops.bench.selection.term import BenchTerm
from ops.bench.shooting import BenchError, Shot, Volley, shoot

FILLERS = 4  # students, and so seats, that make a lecture sold out
CEILING = "/bench/ceiling/{}"
BASELINE = "/bench/baseline/%s/lectures/{}/bookings"
TOLD_WITHIN_S = 90.0


@dataclass(slots=True)
class Round:
    """One round: the rig, the sizes, and what a part leaves for a later one."""

    rig: Rig
    plan: Plan
    asked: list[Shot] = field(default_factory=list)  # reads of the claims that (c) made
    most_per_s: float = 0.0
    ceiling_per_s: float = 0.0
    term: BenchTerm | None = None  # what (h) opened, and who has chosen there
    enrolled: Sequence[Student] = ()

    @property
    def claimants(self) -> Sequence[Student]:
        return self.rig.students[: self.plan.claims]

    @property
    def fillers(self) -> Sequence[Student]:
        return self.rig.students[-FILLERS:]


def ceiling(run: Round) -> Result:
    """(a) A constant route, asked as a claim is asked."""
    shots = plain(run.rig, run.claimants, {1: 0}, CEILING)
    volley, cpu = shoot_all(run, shots)
    result = _result("ceiling", volley, volley.statuses["202"], cpu)
    run.ceiling_per_s = result.numbers["per_s"]
    return result


def ceiling_pace(run: Round) -> Result:
    """(g) The constant route at half of its own most, at a fixed rate: what this machine makes of a half load."""
    rig = run.rig
    rate = max(20.0, run.ceiling_per_s / 2)
    count = min(len(rig.students), int(rate * run.plan.pace_seconds))
    return _pressed(run, "ceiling_pace", plain(rig, rig.students[:count], {1: 0}, CEILING), rate)[1]


def locked(run: Round) -> Result:
    """(b) The baseline with SELECT … FOR UPDATE, seats for all."""
    return _baseline(run, "locked", taken=0)


def guarded(run: Round) -> Result:
    """(b) The baseline with a guarded UPDATE, seats for all."""
    return _baseline(run, "guarded", taken=0)


def locked_hot(run: Round) -> Result:
    """(b) The first baseline with everybody in one lecture: its row is locked until each commit is on disk."""
    return _baseline(run, "locked", taken=0, hot=True)


def guarded_hot(run: Round) -> Result:
    """(b) The second baseline with everybody in one lecture."""
    return _baseline(run, "guarded", taken=0, hot=True)


def locked_refusals(run: Round) -> Result:
    """(d) The first baseline's refusals, sold out."""
    return _baseline(run, "locked", taken=1)


def guarded_refusals(run: Round) -> Result:
    """(d) The second baseline's refusals, sold out."""
    return _baseline(run, "guarded", taken=1)


def accepted(run: Round) -> Result:
    """(c) Seats for all, over several lectures; the clock stops when the last one is confirmed in MariaDB."""
    return _accepted(run, "accepted", run.plan.lectures)


def hot(run: Round) -> Result:
    """(c) The same with everybody in one lecture."""
    return _accepted(run, "hot", 1)


def sold_out(run: Round) -> Result:
    """(d) No seat left: everybody is refused."""
    rig = run.rig
    offerings = open_lectures(rig, run.plan.lectures, FILLERS)
    filled = fill(rig, offerings, run.fillers)
    volley, cpu = shoot_all(run, shots := bookings(rig, run.claimants, offerings))
    told = _told(shots, volley)
    told.claims += filled
    findings = audit(rig, offerings, told)
    return _result("sold_out", volley, volley.statuses["409 sold_out"], cpu, findings)


def status(run: Round) -> Result:
    """(e) Each claim of (c) asked for once; what was told is compared with what is stored."""
    volley, cpu = shoot_all(run, run.asked)
    stored = _states(run.rig, [shot.claim for shot in run.asked])
    findings = Findings(checked=len(volley.claims))
    for claim, state in volley.claims:
        findings.add("contradicted", stored.get(claim) != state, f"claim {claim}: told {state}")
    return _result("status", volley, volley.statuses["200"], cpu, findings)


def crowd(run: Round) -> Result:
    """(f) Everyone at once for few seats, until the last one is told the truth."""
    rig, plan = run.rig, run.plan
    offerings = open_lectures(rig, 1, plan.crowd_seats)
    shots = bookings(rig, rig.students[: plan.crowd], offerings)
    client = Client(rig.port, plan.crowd_connections)
    meter = Meter(rig.stack)
    before = meter.cpu()
    seen = press_at_once(client, shots, within_s=TOLD_WITHIN_S)
    cpu = spent_ms(before, meter.cpu(), len(shots))
    client.close()
    findings = audit(rig, offerings, seen.told())
    told = [visit.told for visit in seen.visits if visit.told is not None]
    won = [visit.told for visit in seen.visits if visit.told is not None and visit.accepted is not None]
    numbers = {
        "told": len(told),
        "last_told_s": max(told) if len(told) == len(shots) else float("inf"),
        **latencies("accepted", [visit.accepted for visit in seen.visits if visit.accepted is not None]),
        **latencies("decision", won),
        **latencies("truth", told),
    }
    return _crowd_result("crowd", seen, numbers, cpu, findings)


def pace(run: Round) -> Result:
    """(g) Half of what (c) reached, at a fixed rate (open loop)."""
    rig, plan = run.rig, run.plan
    rate = max(20.0, run.most_per_s / 2)
    count = min(len(rig.students), int(rate * plan.pace_seconds))
    offerings = open_lectures(rig, plan.lectures, count)
    seen, result = _pressed(run, "pace", bookings(rig, rig.students[:count], offerings), rate)
    result.findings = audit(rig, offerings, seen.told())
    return result


def _pressed(run: Round, name: str, shots: Sequence[Shot], rate: float) -> tuple[Crowd, Result]:
    """Press at a fixed rate (open loop), whatever the answers do."""
    client = Client(run.rig.port, run.plan.connections)
    meter = Meter(run.rig.stack)
    before = meter.cpu()
    seen = press_steadily(client, shots, rate=rate)
    cpu = spent_ms(before, meter.cpu(), len(shots))
    client.close()
    took = [visit.accepted for visit in seen.visits if visit.accepted is not None]
    return seen, _crowd_result(name, seen, {"rate": rate, **latencies("accepted", took)}, cpu, None)


def fill(rig: Rig, offerings: Offerings, students: Sequence[Student]) -> list[tuple[str, str]]:
    """Let these students take the lectures' seats; returns their claims as told. Raises BenchError."""
    client = Client(rig.port, 16)
    shots = [shot for student in students for shot in bookings(rig, [student] * len(offerings), offerings)]
    seen = press_at_once(client, shots, within_s=30)
    client.close()
    if any(visit.state != "confirmed" for visit in seen.visits):
        raise BenchError(f"the first seats could not be filled: {dict(seen.statuses)}")
    return seen.told().claims


def warm_up(run: Round) -> None:
    """Let every worker meet every route once, and every connection be made."""
    students = run.rig.students[: run.plan.warm_up]
    shoot(run.rig.port, plain(run.rig, students, {1: 0}, CEILING), connections=64)
    for name in ("locked", "guarded"):
        rows = open_baseline(run.rig, 1, len(students))
        shoot(run.rig.port, plain(run.rig, students, rows, BASELINE % name), connections=64)
    lectures = open_lectures(run.rig, 1, len(students))
    shoot(run.rig.port, bookings(run.rig, students, lectures), connections=64)


def _accepted(run: Round, name: str, lectures: int) -> Result:
    rig, count = run.rig, len(run.claimants)
    offerings = open_lectures(rig, lectures, -(-count // lectures))
    shots = bookings(rig, run.claimants, offerings)
    volley, cpu = shoot_all(run, shots, until=lambda: _taken(rig, offerings) >= count)
    findings = audit(rig, offerings, _told(shots, volley))
    seconds = volley.finished - volley.first
    result = _result(name, volley, volley.statuses["202"], cpu, findings, seconds)
    result.numbers["answered_per_s"] = volley.statuses["202"] / volley.seconds
    if name == "accepted":
        run.most_per_s = result.numbers["per_s"]
        run.asked = [Shot("GET", f"/api/claims/{shot.claim}", shot.token, shot.key, shot.claim) for shot in shots]
    return result


def _baseline(run: Round, name: str, *, taken: int, hot: bool = False) -> Result:
    students = run.claimants[: run.plan.baseline_claims]
    lectures = 1 if hot else run.plan.lectures
    seats = FILLERS if taken else -(-len(students) // lectures)
    offerings = open_baseline(run.rig, lectures, seats, taken=seats if taken else 0)
    volley, cpu = shoot_all(run, plain(run.rig, students, offerings, BASELINE % name))
    if taken:
        return _result(f"{name}_refusals", volley, volley.statuses["409 sold_out"], cpu)
    findings = audit_baseline(run.rig, offerings, volley.statuses["201"], volley.unanswered)
    return _result(f"{name}_hot" if hot else name, volley, volley.statuses["201"], cpu, findings)


def shoot_all(
    run: Round, shots: Sequence[Shot], *, until: Callable[[], bool] | None = None, connections: int = 0
) -> tuple[Volley, dict[str, float]]:
    """The answers, and the CPU-ms per request by process group."""
    meter = Meter(run.rig.stack)
    before = meter.cpu()
    volley = shoot(run.rig.port, shots, connections=connections or run.plan.connections, until=until)
    cpu = spent_ms(before, meter.cpu(), len(shots))
    cpu["generator"] = volley.generator_cpu_s * 1000 / len(shots)
    return volley, cpu


def _result(
    part: str,
    volley: Volley,
    count: int,
    cpu: dict[str, float],
    findings: Findings | None = None,
    seconds: float | None = None,
) -> Result:
    other = volley.statuses.total() - count
    numbers = {"per_s": count / (seconds or volley.seconds), "unanswered": volley.unanswered, "other": other}
    numbers.update(zip(("p50_ms", "p95_ms", "p99_ms", "max_ms"), volley.latency_ms, strict=True))
    return Result(part, numbers, dict(volley.statuses), cpu, findings)


def _crowd_result(
    part: str, seen: Crowd, numbers: dict[str, float], cpu: dict[str, float], found: Findings | None
) -> Result:
    numbers["unfinished"] = seen.unfinished
    cpu["generator"] = seen.cpu_s * 1000 / len(seen.visits)
    return Result(part, numbers, dict(seen.statuses), cpu, found)


def latencies(name: str, seconds: Sequence[float]) -> dict[str, float]:
    """Percentiles of these, in ms."""
    return {f"{name}_p{at}_ms": percentile(seconds, at / 100) * 1000 for at in (50, 95, 99)}


def _told(shots: Sequence[Shot], volley: Volley) -> Told:
    """wrk doesn't say which request got which answer; with every one answered, who got no 202 was refused."""
    told = {claim for claim, _ in volley.claims}
    refused = {shot.claim for shot in shots} - told if volley.unanswered == 0 else set()
    return Told(list(volley.claims), refused, volley.unanswered)


def _taken(rig: Rig, offerings: Offerings) -> int:
    query = text("SELECT SUM(taken) FROM seat_pool WHERE kind = 'lecture' AND offering_id IN :ids")
    with rig.services.db.transaction() as session:
        return int(session.scalar(query.bindparams(bindparam("ids", expanding=True)), {"ids": list(offerings)}) or 0)


def _states(rig: Rig, claims: Sequence[str]) -> dict[str, str]:
    query = text("SELECT id, state FROM claim WHERE id IN :ids").bindparams(bindparam("ids", expanding=True))
    found: dict[str, str] = {}
    with rig.services.db.reading() as session:
        for at in range(0, len(claims), 1000):
            rows = session.execute(query, {"ids": claims[at : at + 1000]})
            found.update({row.id: row.state for row in rows})
    return found
