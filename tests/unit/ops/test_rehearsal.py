"""What a rehearsal concludes, from made-up numbers: first bottleneck, hosts needed, what students saw, bad arguments."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ops.drills.wishes import Answer, Student, Told, Wish
from ops.rehearsal.__main__ import main
from ops.rehearsal.bottleneck import Bottleneck, first
from ops.rehearsal.busy import Moment, spent, spent_by_busiest
from ops.rehearsal.crowd import complaints
from ops.rehearsal.hosts import Measured, Need, needed
from ops.rehearsal.measures import seen
from ops.rehearsal.plan import Plan, PlanError
from ops.rehearsal.watching import Look

PLAN = {"students": 100, "lectures": 2, "seats": None, "over": 1.0, "within": 60.0, "seed": 1}


def moments(*each: tuple[float, dict[str, float]], busiest: dict[str, float] | None = None) -> list[Moment]:
    """Two a second: share of the machine, cores by group; each group is one process unless `busiest` says otherwise."""
    return [
        Moment(number / 2, 0.5, machine, cores, cores if busiest is None else busiest)
        for number, (machine, cores) in enumerate(each)
    ]


def looks(*depths: int | None, breakers: dict[int, list[str]] | None = None) -> list[Look]:
    """Two a second."""
    return [Look(number / 2, depth, depth, (breakers or {}).get(number, [])) for number, depth in enumerate(depths)]


CALM = (0.4, {"web": 0.5, "mariadb": 0.2})
FULL = (0.98, {"web": 1.1, "mariadb": 0.5, "crowd": 0.36})


def test_the_largest_part_of_a_full_machine_is_named() -> None:
    found = first(moments(CALM, FULL, FULL, busiest={"web": 0.6}), looks(0, 0, 0))
    assert found == Bottleneck("machine", "web", 1.0, pytest.approx(1.1 / 1.96))


def test_one_full_half_second_is_nothing() -> None:
    assert first(moments(CALM, FULL, CALM, FULL, busiest={"web": 0.6}), looks(0, 0)) == Bottleneck("none")


def test_one_process_fills_its_core_while_the_machine_does_not() -> None:
    busy = (0.6, {"redis": 0.95, "web": 0.2})
    assert first(moments(CALM, busy, busy), []) == Bottleneck("process", "redis", 1.0, 0.95)


def test_a_server_of_many_threads_may_fill_a_core() -> None:
    busy = (0.6, {"mariadb": 1.0, "web": 0.2})
    assert first(moments(busy, busy), []) == Bottleneck("none")


def test_of_several_processes_at_a_time_the_fullest_is_told() -> None:
    busy = (0.97, {"web": 0.92, "crowd": 0.99})
    assert first(moments(busy, busy), []).name == "crowd"


def test_a_queue_that_grows_before_a_processor_is_full_is_the_bottleneck() -> None:
    deeper = looks(0, 30, 60, 90, 120, 150)
    assert first(moments(*[CALM] * 5, FULL, FULL), deeper) == Bottleneck("queue", "claims", 2.0, depth=120)
    assert first(moments(CALM, FULL, FULL, busiest={}), deeper).what == "machine"


@pytest.mark.parametrize("depths", [(0, 20, 40, 60, 80), (0, 200, 100, 300, 200), (0, None, 100, 200)])
def test_a_queue_that_is_shallow_or_falls_again_is_none(depths: tuple[int | None, ...]) -> None:
    assert first(moments(CALM), looks(*depths)) == Bottleneck("none")


def test_a_breaker_is_told_before_what_was_full_at_the_same_time() -> None:
    opened = looks(0, 0, 0, breakers={2: ["redis"]})
    assert first(moments(CALM, FULL, FULL), opened) == Bottleneck("breaker", "redis", 1.0)
    assert first(moments(FULL, FULL, FULL), opened).what == "process"  # half a second before it


def test_processor_time_is_summed_by_group_and_by_the_busiest_process() -> None:
    each = moments((0.5, {"web": 1.0, "redis": 0.2}), (0.5, {"web": 0.6}), busiest={"web": 0.5})
    assert spent(each) == {"web": pytest.approx(0.8), "redis": pytest.approx(0.1)}
    assert spent_by_busiest(each) == {"web": pytest.approx(0.5)}


MEASURED = Measured(drain_s=30.0, machines=1, cores=2, redis_s=5.0, mariadb_s=8.0)


@pytest.mark.parametrize(
    ("within", "wanted"),
    [
        (60.0, Need(1)),
        (30.0, Need(1)),  # exactly what was measured, not one more
        (29.0, Need(2)),
        (10.0, Need(3)),
        (5.6, Need(6)),
        (5.5, Need(None, "redis")),  # 5 s of the one thread of Redis do not fit into nine tenths of 5.5 s
    ],
)
def test_hosts_by_the_drain_until_the_one_redis_is_full(within: float, wanted: Need) -> None:
    assert needed(MEASURED, within) == wanted


def test_the_one_writer_has_all_cores_of_its_machine() -> None:
    heavy = replace(MEASURED, redis_s=1.0, mariadb_s=18.0)
    assert needed(heavy, 10.0) == Need(3)
    assert needed(heavy, 9.9) == Need(None, "mariadb")
    assert needed(replace(heavy, cores=4), 9.9) == Need(4)


def test_several_machines_were_measured_together() -> None:
    assert needed(replace(MEASURED, machines=3), 15.0) == Need(6)


def wish(*answers: tuple[int, str, float], state: str = "", told_at: float = 0.0) -> Wish:
    """Pressed at 10.0; (status, code, moment of the answer)."""
    made = Wish(Student(1, ""), 1, "book", "key")
    made.answers = [Answer(status, {"code": code}, 10.0, at) for status, code, at in answers]
    made.told = [Told(state, 1, None, told_at - 0.1, told_at)] if state else []
    return made


def test_what_students_saw() -> None:
    one = seen(
        [
            wish((202, "", 10.5), state="confirmed", told_at=13.0),
            wish((429, "too_many_requests", 10.1), (202, "", 11.0), state="confirmed", told_at=18.0),
            wish((503, "outcome_unknown", 10.2), (0, "", 10.3), (409, "sold_out", 12.0)),
            wish((202, "", 11.0), state="pending", told_at=17.0),
            wish((429, "too_many_requests", 10.1)),
        ]
    )
    assert (one.pressed, one.accepted, one.untold) == (5, 3, 2)
    assert one.outcomes == {"confirmed": 2, "refused": 1}
    assert one.answers["429 too_many_requests"] == 2
    shares = (one.refused_share, one.throttled_share, one.unavailable_share, one.failed_share)
    assert shares == pytest.approx((1 / 8, 2 / 8, 1 / 8, 1 / 8))
    assert one.worst_wait_s == pytest.approx(8.0)  # of the one told last, and of those who never were
    assert one.worst_answer_s == pytest.approx(2.0)


def test_who_was_told_nothing_is_complained_of() -> None:
    untold, failed = wish((202, "", 11.0)), wish((500, "", 10.1), (409, "sold_out", 11.0))
    assert complaints([untold]) == [f"book {untold.claim_id} was not told anything"]
    assert complaints([failed]) == [f"book {failed.claim_id} was answered 500"]
    assert complaints([wish((202, "", 10.5), state="confirmed", told_at=13.0)]) == []


def test_the_seed_makes_the_same_opening_again() -> None:
    plan, other = Plan.of(**PLAN), Plan.of(**{**PLAN, "seed": 2})
    assert (plan.seats, plan.moments(), plan.choices([7, 8])) == (25, plan.moments(), plan.choices([7, 8]))
    assert plan.moments() != other.moments()
    assert all(0 <= one <= plan.over_s for one in plan.moments())
    assert set(plan.choices([7, 8])) == {7, 8}


@pytest.mark.parametrize(
    "wrong", [{"students": 0}, {"students": 60_001}, {"lectures": 0}, {"seats": 0}, {"over": -1}, {"within": 0.5}]
)
def test_a_number_that_is_out_of_bounds(wrong: dict[str, int]) -> None:
    with pytest.raises(PlanError, match=f"{next(iter(wrong))} must be from"):
        Plan.of(**{**PLAN, **wrong})


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "--students", "many"], "invalid int value: 'many'"),
        (["run", "--within", "5", "--over", "5"], "within (5 s) must be longer than over (5 s)"),
        (["run", "--seats", "-3"], "seats must be from 1 to 100,000, not -3"),
        (["run", "--sets", "3"], "unrecognized arguments"),
        (["run", "--over", "nan"], "over must be from 0 to 600"),
        (["watch"], "watch needs a file"),
    ],
)
def test_bad_arguments_are_said_in_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code: object = main(arguments)
    except SystemExit as stop:
        code = stop.code
    error = capsys.readouterr().err
    assert (code, error.count("\n")) == (2, 1)
    assert error.startswith("seatrush: ")
    assert said in error
