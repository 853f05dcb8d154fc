"""The opening minute: more students than seats, all at once, clicking twice."""

from __future__ import annotations

from functools import partial

from tests.campus import Campus
from tests.crowd import Crowd, Student


def test_a_hundred_seats_and_two_thousand_students(campus: Campus) -> None:
    lecture = campus.lecture(capacity=100, waitlist=50)
    crowd = campus.crowd()
    crowd.everyone(partial(double_click, crowd, one, lecture) for one in campus.students(2000))
    assert campus.verify(crowd) == []
    assert states(crowd) == {"confirmed": 100, "waitlisted": 50, None: 1850}


def double_click(crowd: Crowd, student: Student, lecture: int) -> None:
    """The same wish twice at the same time."""
    wish = crowd.wish(student, lecture)
    crowd.everyone([partial(crowd.pursue, wish), partial(crowd.pursue, wish)])


def states(crowd: Crowd) -> dict[str | None, int]:
    found: dict[str | None, int] = {}
    for wish in crowd.wishes:
        found[wish.state] = found.get(wish.state, 0) + 1
    return found
