"""Rules over several offerings of one person: courses of a term, decided in the same atomic step as the seat."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.admission.verdicts import refusal
from tests.functional.admission.redis_term import EVEN, MONDAY_1_2, MONDAY_2_3, NUMBERS, ODD, TUESDAY, Term, term, wish
from tests.functional.admission.test_admit import admit

__all__ = ["term"]


def test_a_stranger_is_judged_only_when_the_account_is_there(term: Term) -> None:
    section, user = term.section(1, MONDAY_1_2), next(NUMBERS)
    assert term.names(user, section) == ["unknown_account"]
    assert term.held(user) == {}
    term.account(user, limit=1000)
    assert term.names(user, section) == ["new"]


def test_a_clash_names_the_section_that_is_held(term: Term) -> None:
    held, other = term.section(1, MONDAY_1_2), term.section(2, TUESDAY, MONDAY_2_3)
    user = term.student()
    first, second, again = term.wants(user, held, other, other)
    assert (first.name, second.name, again.name) == ("new", "clash", "refused")
    error = refusal(second)
    assert (error.code, error.data) == ("timetable_clash", term.standing_against(user, held, "pending"))
    repeated = refusal(again)
    assert (repeated.code, repeated.data) == (error.code, error.data)
    term.step(user, held, "confirmed")
    assert refusal(term.wants(user, other)[0]).data == term.standing_against(user, held, "confirmed")


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (MONDAY_1_2, TUESDAY),
        (MONDAY_1_2, (1, 0b1100, 0xFFFF)),
        ((1, 0b11, ODD), (1, 0b11, EVEN)),
        ((1, 0b11, 1 << 29), (1, 0b11, 1 << 28)),
    ],
)
def test_what_never_meets_does_not_clash(term: Term, mine: tuple[int, int, int], theirs: tuple[int, int, int]) -> None:
    user = term.student()
    assert term.names(user, term.section(1, mine), term.section(2, theirs)) == ["new", "new"]


def test_the_thirtieth_week_and_the_last_period_clash(term: Term) -> None:
    last = (7, 1 << 12, 1 << 29)
    assert term.names(term.student(), term.section(1, last), term.section(2, last)) == ["new", "clash"]


def test_one_section_of_a_course_is_enough(term: Term) -> None:
    one, other = term.section(1, MONDAY_1_2), term.section(1, TUESDAY)
    user = term.student()
    verdict = term.wants(user, one, other)[1]
    assert (refusal(verdict).code, refusal(verdict).data) == (
        "duplicate_course",
        term.standing_against(user, one, "pending"),
    )


def test_a_refusal_that_an_older_release_remembered_names_no_claim(term: Term) -> None:
    held, other = term.section(1, MONDAY_1_2), term.section(2, MONDAY_2_3)
    user = term.student()
    term.wants(user, held, other)
    term.engine.store.redis.hset(f"sr:c:{wish(user, other, 'key-00000001').id}", "g", str(held))
    assert refusal(term.wants(user, other)[0]).data == {"offering_id": str(held)}


def test_the_credit_limit_may_be_reached_and_not_passed(term: Term) -> None:
    user = term.student(limit=45)
    sections = [term.section(group, weight=15) for group in (1, 2, 3)]
    assert term.names(user, *sections) == ["new", "new", "new"]
    error = refusal(term.wants(user, term.section(4, weight=5))[0])
    assert (error.code, error.data) == ("credit_limit", {"used": "4.5", "weight": "0.5", "limit": "4.5"})


def test_prerequisites_and_holds(term: Term) -> None:
    section = term.section(9, MONDAY_1_2, needs=(7, 8))
    assert refusal(term.wants(term.student(passed=(7, 80)), section)[0]).data == {"needs": "8"}
    assert term.names(term.student(passed=(7, 8)), section) == ["new"]
    barred = refusal(term.wants(term.student(passed=(7, 8), bar="fees"), section)[0])
    assert (barred.code, barred.data) == ("on_hold", {"hold": "fees"})


def test_a_place_in_the_line_takes_the_course_but_no_time_and_no_credits(term: Term) -> None:
    full = term.section(1, MONDAY_1_2, weight=20, capacity=0, line=5)
    user = term.student(limit=20)
    assert term.names(user, full, term.section(2, MONDAY_1_2, weight=20)) == ["new", "new"]
    assert term.names(user, term.section(1, TUESDAY, weight=0)) == ["group"]
    assert sorted(term.held(user).values()) == ["line", "seat"]


def test_scopes_know_nothing_of_each_other(term: Term) -> None:
    other = Term(term.engine, next(NUMBERS))
    user = other.account(term.student(limit=20), limit=20)
    assert term.names(user, term.section(1, MONDAY_1_2)) == ["new"]
    assert other.names(user, other.section(1, MONDAY_1_2)) == ["new"]


@pytest.mark.parametrize("guard", ["group", "clash", "over_limit", "needs", "account_take"])
def test_each_rule_is_missed_when_it_is_off(term: Term, spoil: Any, guard: str) -> None:
    spoil(guard)
    user = term.student(limit=40)
    first = term.section(1, MONDAY_1_2)
    against = {
        "group": term.section(1, TUESDAY),
        "clash": term.section(2, MONDAY_1_2),
        "over_limit": term.section(2, TUESDAY, weight=30),
        "needs": term.section(2, TUESDAY, needs=(5,)),
        "account_take": term.section(2, MONDAY_1_2),
    }
    assert term.names(user, first, against[guard]) == ["new", "new"]


@pytest.mark.parametrize(
    ("lifted", "told"),
    [("", ["needs", "clash", "over_limit", "group"]), ("|clash|needs|over_limit|", ["new", "new", "new", "group"])],
)
def test_an_override_lifts_rules_but_never_the_one_section_of_a_course(
    term: Term, lifted: str, told: list[str]
) -> None:
    against = [
        term.section(2, TUESDAY, weight=10, needs=(5,)),
        term.section(3, MONDAY_2_3, weight=10),
        term.section(4, weight=90),
        term.section(1, weight=0),
    ]
    names = []
    for section in against:  # each against the same one course that is held
        user = term.student(limit=40)
        assert term.names(user, term.section(1, MONDAY_1_2)) == ["new"]
        claim = replace(wish(user, section, "key-00000002"), waives=lifted)
        names += [verdict.name for verdict in admit(term.engine, claim)]
    assert names == told


def test_a_stranger_who_is_judged_without_an_account_escapes_the_rules(term: Term, spoil: Any) -> None:
    spoil("unknown_account")
    user = next(NUMBERS)
    assert term.names(user, term.section(1, MONDAY_1_2), term.section(2, MONDAY_1_2)) == ["new", "new"]
