"""Rules over several offerings of one person: courses of a term, decided in the same atomic step as the seat."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.admission.claims import Claim, Standing, claim_id
from app.admission.engine import Engine
from app.admission.kinds import Account, OfferingSheet, PoolSheet, Traits
from app.admission.store import Verdict
from app.admission.verdicts import refusal
from tests.functional.admission.test_admit import admit

KIND = "course"
FAR = 4_000_000_000_000
MONDAY_1_2 = (1, 0b11, 0xFFFF)
MONDAY_2_3 = (1, 0b110, 0xFFFF)
TUESDAY = (2, 0b11, 0xFFFF)
ODD, EVEN = 0x5555, 0xAAAA
NUMBERS = itertools.count(1)


@dataclass
class Term:
    """One scope of its own, with sections and students in Redis alone."""

    engine: Engine
    scope: int

    def section(self, group: int, *slots: tuple[int, int, int], weight: int = 20, **fields: Any) -> int:
        number = next(NUMBERS)
        sheet = self.sheet(number, group, slots, weight, **fields)
        self.engine.epochs.fenced(lambda fence: self.engine.store.load(sheet, (), fence=fence))
        return number

    def sheet(
        self,
        number: int,
        group: int,
        slots: tuple[tuple[int, int, int], ...],
        weight: int,
        *,
        needs: tuple[int, ...] = (),
        capacity: int = 100,
        line: int = 0,
        version: int = 1,
    ) -> OfferingSheet:
        traits = Traits(self.scope, group, weight, slots, needs)
        pools = (PoolSheet("0", capacity, line),)
        return OfferingSheet(KIND, number, 0, FAR, FAR, False, version, pools, traits=traits)

    def student(self, *, limit: int = 1000, passed: tuple[int, ...] = (), bar: str = "", version: int = 1) -> int:
        return self.account(next(NUMBERS), limit=limit, passed=passed, bar=bar, version=version)

    def account(self, user: int, **fields: Any) -> int:
        account = Account(self.scope, user, **fields)
        self.engine.epochs.fenced(lambda fence: self.engine.store.set_accounts(KIND, [account], fence=fence))
        return user

    def wants(self, user: int, *sections: int, key: str = "key-00000001", line_ok: bool = True) -> list[Verdict]:
        return admit(self.engine, *(wish(user, one, key, line_ok=line_ok) for one in sections))

    def names(self, user: int, *sections: int, key: str = "key-00000001") -> list[str]:
        return [verdict.name for verdict in self.wants(user, *sections, key=key)]

    def standing_against(self, user: int, section: int, state: str) -> dict[str, str]:
        """What a refusal says of a section that this user holds."""
        claim = claim_id(user, "book", KIND, section, "key-00000001")
        return {"offering_id": str(section), "claim_id": claim, "state": state}

    def step(
        self, user: int, section: int, state: str, version: int = 1, key: str = "key-00000001", at: int = 1
    ) -> None:
        made = claim_id(user, "book", KIND, section, key)
        item = Standing(
            made, KIND, section, user, "0", "book", state, version, admitted_at=1, decided_at=at, sequence=1
        )
        self.engine.epochs.fenced(lambda fence: self.engine.store.apply([item], fence=fence))

    def held(self, user: int) -> dict[int, str]:
        """Section → hold, as the account says."""
        fields: Any = self.engine.store.redis.hgetall(f"sr:a:{KIND}:{self.scope}:{user}")
        holds = {name.decode(): value.decode() for name, value in fields.items() if name.startswith(b"h:")}
        return {int(name[2:]): value.partition("|")[0] for name, value in holds.items()}


def wish(user: int, section: int, key: str, *, line_ok: bool = True) -> Claim:
    made = claim_id(user, "book", KIND, section, key)
    return Claim(id=made, kind=KIND, action="book", user_id=user, offering_id=section, line_ok=line_ok, fingerprint="1")


@pytest.fixture
def term(engine: Engine) -> Term:
    return Term(engine, next(NUMBERS))


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
    term.engine.epochs.fenced(lambda fence: term.engine.store.load(sheet, [live], fence=fence))
    assert term.held(user) == {number: "seat"}
    assert term.names(user, term.section(2, MONDAY_2_3)) == ["clash"]


def test_another_timetable_is_everybodys_who_holds_the_section(term: Term) -> None:
    section, other = term.section(1, MONDAY_1_2), term.section(2, MONDAY_2_3)
    user = term.student()
    assert term.names(user, section, other) == ["new", "clash"]
    moved = term.sheet(section, 1, (TUESDAY,), 20, version=2)
    term.engine.epochs.fenced(lambda fence: term.engine.store.describe(moved, fence=fence))
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
