"""The parts (h), (i) and (k) of issue 3: a round opens, what its rules cost Redis, and a published comparison."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from random import Random

from sqlalchemy import text

from ops.bench.costs import Meter, spent_ms
from ops.bench.epoll import Client
from ops.bench.parts import Round, latencies, shoot_all
from ops.bench.results import Result
from ops.bench.rig import Rig, Student
from ops.bench.selection import redis_time
from ops.bench.selection.carts import Basket, Opening, Wish, basket, submit_at_once
from ops.bench.selection.check import check
from ops.bench.selection.choosing import choose, hot_seats
from ops.bench.selection.term import BenchTerm, Option, open_term, plain_term, show
from ops.bench.shooting import Shot, Volley

TOLD_WITHIN_S = 180.0
# The project that is compared with: 10,000 students, 50 courses, 2,018 seats, 500 virtual users.
THEIRS = {"per_s": 3788.0, "p95_ms": 10.5}
COURSES, SEATS, VIRTUAL_USERS = 50, 2018, 500


def opening(run: Round) -> Result:
    """(h) Everybody submits a cart in one instant; until the last one knows of the last course."""
    rig, plan = run.rig, run.plan
    students = rig.students[: plan.cart_students]
    carts: list[list[int]] = []

    def seats(options: Sequence[Option]) -> Mapping[int, int]:
        chosen, hot = choose(options, len(students), size=plan.cart_size, hot=plan.hot_sections, seed=20_263)
        carts.extend(chosen)
        return hot_seats(chosen, hot)

    term = open_term(rig, students, seats)
    show(rig, students)
    baskets = [_basket(rig, one, term, cart) for one, cart in zip(students, carts, strict=True)]
    _look_at_the_page(run, term)
    client = Client(rig.port, plan.crowd_connections)
    meter = Meter(rig.stack)
    before = meter.cpu()
    seen = submit_at_once(client, baskets, within_s=TOLD_WITHIN_S)
    cpu = spent_ms(before, meter.cpu(), len(seen.wishes))
    cpu["generator"] = seen.cpu_s * 1000 / len(seen.wishes)
    client.close()
    findings = check(rig, term, seen.wishes)
    run.term, run.enrolled = term, students
    return Result("opening", _opening_numbers(rig, term, seen), _outcomes(seen), cpu, findings)


def rules_in_redis(run: Round) -> Result:
    """(i) Redis's time for an admission with all rules, and for a lecture's."""
    found = redis_time.measure(run.rig, run.plan.redis_batches)
    numbers = {
        "lecture_us": found.lecture_us,
        "section_us": found.section_us,
        "cart_us": found.cart_us,
        "claims": float(found.claims),
    }
    return Result("rules_in_redis", numbers)


def published_shape(run: Round) -> Result:
    """(k) The shape of a published comparison: few seats, mostly refusals, a closed loop of 500."""
    rig, plan = run.rig, run.plan
    students = rig.students[: plan.shape_students]
    seats = _spread(max(COURSES, SEATS * len(students) // 10_000), COURSES)
    term = plain_term(rig, students, seats)
    show(rig, students)
    wishes, shots = _single_wishes(run, students, term)
    volley, cpu = shoot_all(run, shots, connections=VIRTUAL_USERS)
    told = {claim for claim, _ in volley.claims}
    for wish in wishes:
        wish.told = "pending" if wish.claim in told else "refused" if volley.unanswered == 0 else ""
    _ask_the_accepted(rig, wishes)
    findings = check(rig, term, [wish for wish in wishes if wish.told], unanswered=volley.unanswered)
    numbers = volley_numbers(volley, volley.statuses.total())
    numbers["other"] = sum(count for status, count in volley.statuses.items() if status not in _FITTING)
    return Result("published_shape", numbers, dict(volley.statuses), cpu, findings)


_FITTING = {"202", "409 sold_out", "409 already_claimed", "409 credit_limit"}


def _basket(rig: Rig, student: Student, term: BenchTerm, sections: Sequence[int]) -> Basket:
    return basket(student, term.round_id, rig.next_key(), sections)


def _look_at_the_page(run: Round, term: BenchTerm) -> None:
    """Before the opening the pages of those who wait have asked for every section's standing."""
    sections = [str(one) for one in term.capacities]
    paths = [
        f"/api/me/standings?section_ids={','.join(sections[at : at + 100])}" for at in range(0, len(sections), 100)
    ]
    shots = [Shot("GET", path, one.token, "-") for path in paths for one in run.rig.students[:4]]
    shoot_all(run, shots, connections=8)


def _opening_numbers(rig: Rig, term: BenchTerm, seen: Opening) -> dict[str, float]:
    """`per_s`: wishes until the last one is decided, in MariaDB or by the answer that refused it."""
    told = [one.told for one in seen.baskets if one.told is not None]
    answered = [one.answered for one in seen.baskets if one.answered is not None]
    last = max(_last_decided_s(rig, term, seen.began), max(answered, default=0.0))
    everybody = len(told) == len(seen.baskets)
    return {
        "wishes": len(seen.wishes),
        "per_s": len(seen.wishes) / last if last > 0 else 0.0,
        "told": sum(wish.final for wish in seen.wishes),
        "last_decided_s": last,
        "last_told_s": max(told) if everybody else float("inf"),
        **latencies("accepted", answered),
        **latencies("truth", told),
        "unfinished": seen.unfinished,
    }


def _last_decided_s(rig: Rig, term: BenchTerm, began: float) -> float:
    query = text(
        "SELECT UNIX_TIMESTAMP(MAX(c.decided_at)) FROM claim AS c JOIN section AS s ON s.id = c.offering_id "
        "WHERE c.kind = 'section' AND s.term_id = :term"
    )
    with rig.services.db.reading() as session:
        last = session.scalar(query, {"term": term.term_id})
    return float(last) - began if last else 0.0


def _outcomes(seen: Opening) -> dict[str, int]:
    """Answers, and how the wishes ended."""
    found = dict(seen.statuses)
    for wish in seen.wishes:
        ended = f"wish {wish.told}" + (f" {wish.reason}" if wish.told in {"refused", "rejected"} else "")
        found[ended] = found.get(ended, 0) + 1
    return found


def volley_numbers(volley: Volley, count: int) -> dict[str, float]:
    """`count`: the answers that were hoped for."""
    numbers = {"per_s": count / volley.seconds, "unanswered": volley.unanswered}
    numbers["other"] = volley.statuses.total() - count
    return numbers | dict(zip(("p50_ms", "p95_ms", "p99_ms", "max_ms"), volley.latency_ms, strict=True))


def _spread(seats: int, courses: int) -> list[int]:
    """So many seats over so many courses, as evenly as it goes."""
    return [seats // courses + (at < seats % courses) for at in range(courses)]


def _single_wishes(run: Round, students: Sequence[Student], term: BenchTerm) -> tuple[list[Wish], list[Shot]]:
    """Each student wants some of the courses, one after the other; every (student, course) pair once."""
    random = Random(2018)
    sections = list(term.capacities)
    pairs = [(one, section) for one in students for section in random.sample(sections, run.plan.shape_tries)]
    random.shuffle(pairs)
    baskets = [_basket(run.rig, one, term, [section]) for one, section in pairs]
    shots = [
        Shot("POST", f"/api/sections/{one.wishes[0].section}/enrolments", one.student.token, one.key, one.wishes[0].claim)
        for one in baskets
    ]  # fmt: skip
    return [one.wishes[0] for one in baskets], shots


def _ask_the_accepted(rig: Rig, wishes: Sequence[Wish]) -> None:
    """What the status route says of each claim that got a 202, once it is decided."""
    waiting = {wish.claim: wish for wish in wishes if wish.told == "pending"}
    deadline = time.monotonic() + 30
    while waiting and time.monotonic() < deadline:
        for claim in list(waiting):
            standing = rig.engine.status.ask(claim).standing
            if standing is not None and standing.state != "pending":
                wish = waiting.pop(claim)
                wish.told, wish.version = standing.state, standing.version
        time.sleep(0.05)
