"""The opening minute: more students than seats, all at once, clicking twice, with other keys, leaving and coming back."""

from __future__ import annotations

from collections import Counter
from functools import partial

from ops.drills.crowd import Crowd, Student
from ops.drills.visits import visit
from tests.campus import Campus


def test_a_hundred_seats_and_a_thousand_students(campus: Campus) -> None:
    lecture = campus.lecture(capacity=100, waitlist=50)
    crowd = campus.crowd()
    crowd.everyone(partial(double_click, crowd, one, lecture) for one in campus.students(1000))
    assert campus.verify(crowd) == []
    assert Counter(wish.state for wish in crowd.wishes) == {"confirmed": 100, "waitlisted": 50, None: 850}
    assert {answer.refused for wish in crowd.wishes for answer in wish.refusals} == {"sold_out"}


def test_who_clicks_with_several_keys_gets_one_seat(campus: Campus) -> None:
    lecture = campus.lecture(capacity=300)
    crowd = campus.crowd()
    crowd.everyone(partial(mixed_keys, crowd, one, lecture) for one in campus.students(150))
    assert campus.verify(crowd) == []
    assert Counter(wish.state for wish in crowd.wishes) == {"confirmed": 150, None: 450}
    ids = {wish.claim_id for wish in crowd.wishes}
    for answer in (answer for wish in crowd.wishes for answer in wish.refusals):
        assert answer.refused == "already_claimed"
        assert answer.body["claim_id"] in ids
        assert answer.body["state"] in {"pending", "confirmed"}


def test_leaving_and_coming_back_while_others_wait(campus: Campus) -> None:
    """Every seat is handed on at once; in the end nobody waits while one is free."""
    lecture = campus.lecture(capacity=40, waitlist=60)
    crowd = campus.crowd()
    students = campus.students(500)
    crowd.everyone(partial(visit, crowd, one, lecture, again=0.3, cancels=0.6) for one in students)
    assert campus.verify(crowd) == []
    assert campus.promoted_in_order(lecture)


def double_click(crowd: Crowd, student: Student, lecture: int) -> None:
    """The same wish twice at the same time."""
    wish = crowd.wish(student, lecture)
    crowd.everyone([partial(crowd.pursue, wish), partial(crowd.pursue, wish)])


def mixed_keys(crowd: Crowd, student: Student, lecture: int) -> None:
    """Four devices, each with a key of its own."""
    crowd.everyone([partial(crowd.pursue, crowd.wish(student, lecture)) for _ in range(4)])
