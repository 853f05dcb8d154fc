"""Answers that no student of a drill should have got: they make a drill fail whatever the books say."""

from __future__ import annotations

import pytest

from ops.drills.answers import drifted, wrong_answers
from ops.drills.offerings import Offerings
from ops.drills.wishes import Answer, Student, Wish

FULL, ROOMY = 1, 2
OFFERINGS = Offerings([FULL, ROOMY], [3, 4], 5)


def wish(lecture: int, status: int, code: str = "") -> Wish:
    made = Wish(Student(1, ""), lecture, "book", f"key-{lecture}-{code}")
    made.answers = [Answer(status, {"code": code})]
    return made


ACCEPTED = wish(ROOMY, 202)


def test_nothing_is_wrong_about_what_a_rush_brings() -> None:
    usual = [
        wish(FULL, 409, "sold_out"),
        wish(ROOMY, 409, "already_claimed"),
        wish(FULL, 429, "x"),
        wish(FULL, 503, "y"),
    ]
    assert list(wrong_answers([ACCEPTED, *usual], OFFERINGS)) == []


def test_a_drill_in_which_nobody_was_promised_anything_does_not_hold() -> None:
    assert list(wrong_answers([wish(FULL, 409, "sold_out")], OFFERINGS)) == ["nobody was promised anything"]


@pytest.mark.parametrize(
    ("lecture", "status", "code"),
    [(FULL, 401, "unauthenticated"), (FULL, 409, "closed"), (ROOMY, 409, "sold_out"), (4, 409, "sold_out")],
)
def test_a_refusal_without_a_reason_for_it(lecture: int, status: int, code: str) -> None:
    told = list(wrong_answers([ACCEPTED, wish(lecture, status, code), wish(lecture, status, code)], OFFERINGS))
    assert told == [f"2 times book was refused as {code}, which nobody should have been"]


def test_counters_that_were_mended() -> None:
    assert list(drifted(2)) == ["2 counters of Redis had to be mended"]
    assert list(drifted(0)) == []
