"""A person's account follows the steps of the claims, what is loaded, and newer accounts; and it is what the claims hold."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.admission.claims import Standing, claim_id
from app.admission.engine import Engine
from tests.functional.admission.redis_term import (
    EVEN,
    KIND,
    MONDAY_1_2,
    MONDAY_2_3,
    NUMBERS,
    ODD,
    TUESDAY,
    Term,
    term,
    wish,
)
from tests.functional.admission.test_admit import admit

__all__ = ["term"]


def test_what_was_promoted_takes_its_time(term: Term) -> None:
    full, other = term.section(1, MONDAY_1_2, capacity=0, line=5), term.section(2, MONDAY_2_3)
    user = term.student()
    term.wants(user, full)
    term.step(user, full, "waitlisted")
    term.step(user, full, "confirmed", version=2)
    assert term.names(user, other) == ["clash"]


@pytest.mark.parametrize("state", ["rejected", "cancelled"])
def test_what_is_given_back_is_free_again_without_waiting(term: Term, state: str) -> None:
    one, other = term.section(1, MONDAY_1_2), term.section(2, MONDAY_2_3)
    user = term.student()
    assert term.names(user, one, other) == ["new", "clash"]
    term.step(user, one, state)
    assert term.held(user) == {}
    # at once: a rule's refusal does not start the ten seconds
    assert term.names(user, other, key="key-00000002") == ["new"]


def test_steps_that_come_late_do_not_push_out_the_newer_claim(term: Term) -> None:
    section, user = term.section(1, MONDAY_1_2), term.student()
    term.step(user, section, "confirmed", key="key-00000002", at=9)
    term.step(user, section, "confirmed", at=2)
    term.step(user, section, "cancelled", version=2, at=3)
    assert term.held(user) == {section: "seat"}


def test_without_following_the_holder_a_late_step_frees_what_is_taken(term: Term, spoil: Any) -> None:
    spoil("follow_holder")
    section, user = term.section(1, MONDAY_1_2), term.student()
    term.step(user, section, "confirmed", key="key-00000002", at=9)
    term.step(user, section, "confirmed", at=2)
    term.step(user, section, "cancelled", version=2, at=3)
    assert term.held(user) != {section: "seat"}


def test_an_offering_that_is_loaded_brings_its_holders_along(term: Term) -> None:
    number, user = next(NUMBERS), term.student()
    live = Standing(
        claim_id(user, "book", KIND, number, "k"), KIND, number, user, "0", "book", "confirmed", 1, decided_at=5
    )
    sheet = term.sheet(number, 1, (MONDAY_1_2,), 20)
    term.engine.epochs.fenced(lambda fence: term.engine.store.load_each([(sheet, [live])], fence=fence))
    assert term.held(user) == {number: "seat"}
    assert term.names(user, term.section(2, MONDAY_2_3)) == ["clash"]


def test_another_timetable_is_everybodys_who_holds_the_section(term: Term) -> None:
    section, other = term.section(1, MONDAY_1_2), term.section(2, MONDAY_2_3)
    user = term.student()
    assert term.names(user, section, other) == ["new", "clash"]
    moved = term.sheet(section, 1, (TUESDAY,), 20, version=2)
    term.engine.epochs.fenced(lambda fence: term.engine.store.describe_each([moved], fence=fence))
    assert term.names(user, other, key="key-00000002") == ["new"]
    assert term.names(user, term.section(3, TUESDAY)) == ["clash"]


def test_an_offering_that_is_over_leaves_the_accounts(term: Term) -> None:
    section, user = term.section(1, MONDAY_1_2), term.student()
    term.wants(user, section)
    term.step(user, section, "confirmed")
    term.engine.epochs.fenced(lambda fence: term.engine.store.unload(KIND, section, fence=fence))
    assert term.held(user) == {}


def test_an_older_account_changes_nothing_and_a_newer_keeps_what_is_held(term: Term) -> None:
    user = term.student(limit=20, version=3)
    section = term.section(1, weight=20)
    term.wants(user, section)
    term.account(user, limit=100, version=2)
    assert term.names(user, term.section(2, weight=20)) == ["over_limit"]
    term.account(user, limit=40, version=4)
    assert term.names(user, term.section(3, weight=20)) == ["new"]
    assert len(term.held(user)) == 2


SLOT = st.tuples(st.integers(1, 2), st.sampled_from([0b1, 0b11, 0b10]), st.sampled_from([ODD, EVEN, 0xFFFF]))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    plan=st.lists(
        st.tuples(st.integers(1, 4), st.lists(SLOT, max_size=2), st.sampled_from([10, 20])), min_size=2, max_size=6
    ),
    moves=st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["want", "confirm", "drop", "reject"])), max_size=14),
)
def test_accounts_are_what_the_claims_hold(
    engine: Engine, plan: list[tuple[int, list[tuple[int, int, int]], int]], moves: list[tuple[int, str]]
) -> None:
    """A walk against a plain model: the same verdicts, and in the end the same holds."""
    term = Term(engine, next(NUMBERS))
    sections = [term.section(group, *slots, weight=weight) for group, slots, weight in plan]
    user, held, keys = term.student(limit=40), dict[int, str](), dict[int, str]()
    for turn, (nth, move) in enumerate(moves):
        at = nth % len(sections)
        number = sections[at]
        if move == "want" and at not in held:
            key = keys[at] = f"key-{turn:08d}"
            name = admit(engine, wish(user, number, key), interval_ms=0)[0].name
            assert name == expected(plan, at, held)
            if name == "new":
                held[at] = "pending"
        elif move == "confirm" and held.get(at) == "pending":
            term.step(user, number, "confirmed", key=keys[at], at=turn)
            held[at] = "confirmed"
        elif at in held and (move, held[at]) in {("drop", "confirmed"), ("reject", "pending")}:
            version = 2 if move == "drop" else 1
            term.step(user, number, "cancelled" if move == "drop" else "rejected", version, key=keys[at], at=turn)
            del held[at]
    assert term.held(user) == {sections[at]: "seat" for at in held}


def expected(plan: list[tuple[int, list[tuple[int, int, int]], int]], at: int, held: dict[int, str]) -> str:
    """The verdict by the words of the rules."""

    def hours(slots: list[tuple[int, int, int]]) -> set[tuple[int, int, int]]:
        bits = range(16)
        return {(d, p, w) for d, ps, ws in slots for p in bits if ps >> p & 1 for w in bits if ws >> w & 1}

    group, slots, weight = plan[at]
    if any(plan[other][0] == group for other in held):
        return "group"
    if any(hours(plan[other][1]) & hours(slots) for other in held):
        return "clash"
    return "over_limit" if sum(plan[other][2] for other in held) + weight > 40 else "new"
