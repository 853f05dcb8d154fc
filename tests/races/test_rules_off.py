"""Each rule over several sections turned off: the race of two carts ends in a violation that the checker names.

Twice: off in Redis alone (settle keeps the promise of the rule, though not that of the 202), and off in settle too, and in
the table where that has a guard of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from app.enrolment.judging import SectionJudge
from ops.drills.crowd import Crowd
from ops.drills.wishes import Student
from tests.campus import Campus
from tests.races.choosing import LATER_MONDAY, MONDAY, sections_of, send_carts

# rule → what the table says of it: (without, again)
TABLES = {
    "group": (
        "ALTER TABLE enrolment DROP INDEX uq_enrolment_course",
        "ALTER TABLE enrolment ADD UNIQUE uq_enrolment_course (term_id, student_id, course_id, active)",
    ),
    "over_limit": (
        "ALTER TABLE term_credit DROP CONSTRAINT ck_term_credit_used",
        "ALTER TABLE term_credit ADD CONSTRAINT ck_term_credit_used CHECK (used >= 0 AND used <= credit_limit + waived)",
    ),
}
RULES = {
    "clash": ("timetable_clash", "sits in"),
    "group": ("duplicate_course", "twice"),
    "over_limit": ("credit_limit", "has 4.0 credits, 4.0 counted, of 3.0"),
}


@pytest.fixture
def crowd(campus: Campus) -> Iterator[Crowd]:
    """A crowd whose sections are thrown away afterwards."""
    made = campus.crowd()
    yield made
    campus.forget(made)
    assert campus.verify(lectures=[]) == []


def two_carts(campus: Campus, crowd: Crowd, rule: str) -> list[Student]:
    """Of each student, at once: the rule allows one of their two sections."""
    term = campus.term()
    crowd.round = term.round_id
    course = campus.course() if rule == "group" else 0
    slots = [(MONDAY,), (LATER_MONDAY,)] if rule == "clash" else [(), ()]
    pair = [campus.section(term, *slot, capacity=50, course=course) for slot in slots]
    students = campus.enrolled(term, 10, limit="3.0" if rule == "over_limit" else "20.0")
    send_carts(crowd, students, pair[:1], pair[1:])
    return students


@pytest.mark.parametrize("rule", RULES)
def test_off_in_redis_settle_decides_by_it(campus: Campus, crowd: Crowd, rule: str) -> None:
    with campus.lua_without(rule):
        students = two_carts(campus, crowd, rule)
        assert campus.verify(crowd) == []
    assert {len(held) for held in sections_of(campus, students).values()} == {1}
    rejected = [wish for wish in crowd.wishes if wish.state == "rejected"]
    assert {wish.told[-1].reason for wish in rejected} == {RULES[rule][0]}
    assert len(rejected) == len(students)


@pytest.mark.parametrize("rule", RULES)
def test_off_everywhere_it_is_broken(campus: Campus, crowd: Crowd, rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SectionJudge, "_personal_refusal", lambda *_, **__: None)
    with campus.lua_without(rule), ExitStack() as tables:
        if rule in TABLES:
            tables.enter_context(campus.altered(*TABLES[rule], of=crowd))
        with campus.own_consumer():
            two_carts(campus, crowd, rule)
            found = campus.violations_at_rest(crowd)
    assert any(RULES[rule][1] in one for one in found), found
