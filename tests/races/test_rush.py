"""The opening minute: more students than seats, all at once, clicking twice, with other keys, leaving and coming back."""

from __future__ import annotations

from collections import Counter
from functools import partial

from ops.drills.crowd import Crowd
from ops.drills.visits import LIVE, give_up
from ops.drills.wishes import Student
from tests.campus import Campus

KEYS_MORE, LEAVES, RETURNS = 0.25, 0.4, 0.5


def test_two_thousand_students_and_a_hundred_seats(campus: Campus) -> None:
    """Everything at once: each press comes twice, some with another key too, winners leave, and those who wait move up.

    What the same checker finds when a guard is off stands in test_guards.py: oversold (capacity), several seats of one
    student (unique), decided twice (dedupe), somebody waits while a seat is free (withhold), seats that Redis miscounts
    (version, adopt, compare_hold), a 202 that is never decided (spool, sweep).
    """
    lecture = campus.lecture(capacity=100, waitlist=200)
    crowd = campus.crowd()
    crowd.everyone(partial(rush, crowd, one, lecture) for one in campus.students(2000))
    assert campus.verify(crowd) == []
    assert campus.promoted_in_order(lecture)
    assert campus.live_seats(lecture)["0"][0] == 0  # more wait than have left
    bookings = [wish for wish in crowd.wishes if wish.action == "book"]
    refusals = [(wish, answer) for wish in bookings for answer in wish.refusals]
    assert {answer.refused for _, answer in refusals} == {"sold_out", "already_claimed"}
    own = {(wish.student.id, wish.claim_id) for wish in bookings}
    for wish, answer in refusals:
        if answer.refused == "already_claimed":
            assert (wish.student.id, answer.body["claim_id"]) in own
            assert answer.body["state"] in {"pending", *LIVE}


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


def rush(crowd: Crowd, student: Student, lecture: int) -> None:
    """A double click, perhaps another device; some give up what they got, and some of those come back."""
    wish = crowd.wish(student, lecture)
    wishes = [wish, crowd.wish(student, lecture)] if crowd.random.random() < KEYS_MORE else [wish]
    crowd.everyone(partial(crowd.pursue, one) for one in (*wishes, wish))
    won = next((str(one.state) for one in wishes if one.state in LIVE), None)
    if won is None or crowd.random.random() >= LEAVES:
        return
    give_up(crowd, crowd.wish(student, lecture, "cancel"), won, again=0.1)
    if crowd.random.random() < RETURNS:
        crowd.pursue(crowd.wish(student, lecture), again=0.1)


def mixed_keys(crowd: Crowd, student: Student, lecture: int) -> None:
    """Four devices, each with a key of its own."""
    crowd.everyone([partial(crowd.pursue, crowd.wish(student, lecture)) for _ in range(4)])
