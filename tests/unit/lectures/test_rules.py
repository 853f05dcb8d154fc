"""Audiences and pools."""

from __future__ import annotations

import pytest

from app.auth.actor import StudentStanding
from app.lectures.rules import LectureSheet, refusal
from app.org.audience import Audience
from app.seating.reservations import Reservation

STUDENT = StudentStanding(class_id=1, major_id=2, department_id=3, college_id=4, grade=2024)


ALL = Audience()


def sheet(audience: Audience = ALL, *reservations: Reservation, state: str = "published") -> LectureSheet:
    return LectureSheet(
        kind="lecture",
        offering_id=1,
        opens_at=0,
        closes_at=1,
        cancel_until=1,
        frozen=False,
        version=1,
        pools=(),
        state=state,
        audience=audience,
        reservations=reservations,
    )


@pytest.mark.parametrize(
    ("audience", "admitted"),
    [
        (Audience(), True),
        (Audience("only", colleges=frozenset({4})), True),
        (Audience("only", colleges=frozenset({5})), False),
        (Audience("only", colleges=frozenset({5}), grades=frozenset({2024})), True),
        (Audience("only", classes=frozenset({1})), True),
        (Audience("except", colleges=frozenset({4})), False),
        (Audience("except", grades=frozenset({2023})), True),
    ],
)
def test_who_is_let_in(audience: Audience, admitted: bool) -> None:
    assert (refusal(sheet(audience), STUDENT) is None) == admitted
    assert Audience.of(audience.to_json()) == audience


def test_refusals_in_order() -> None:
    assert refusal(sheet(state="draft"), None) == "not_published"
    assert refusal(sheet(state="cancelled"), STUDENT) == "not_published"
    assert refusal(sheet(), None) == "not_a_student"


def test_reserved_pools_come_first() -> None:
    mine = Reservation("r2", "ours", Audience(grades=frozenset({2024})))
    theirs = Reservation("r1", "theirs", Audience(grades=frozenset({2023})))
    assert sheet(Audience(), theirs, mine).pools_for(STUDENT) == ("r2", "0")
