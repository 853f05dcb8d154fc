"""Rules over several sections, raced over HTTP: two tabs, two swaps, a drop and a promotion, an edit in between.

Who wins is chance; that nobody wins what the rules forbid is not. What each rule keeps away is seen with the rule off in
test_rules_off.py, test_machine.py and tests/functional/enrolment (test_account_check.py, test_swapping.py, test_judging.py).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import UTC, datetime
from functools import partial

import gevent

from app.admission.fair.exporting import exported
from app.admission.fair.lots import by_lot
from app.catalogue.models import KIND
from tests.campus import Campus
from tests.races.choosing import LATER_MONDAY, MONDAY, drops, enrols, has, swaps


def test_two_tabs_take_the_last_credit(campus: Campus) -> None:
    term, crowd = campus.term(), campus.crowd()
    pair = [campus.section(term, capacity=100) for _ in range(2)]
    students = campus.enrolled(term, 30, limit="3.0")
    crowd.everyone(partial(crowd.pursue, enrols(crowd, one, section)) for one in students for section in pair)
    assert campus.verify(crowd) == []
    seats = [has(campus, section) for section in pair]
    assert seats[0] | seats[1] == {one.id for one in students}
    assert not seats[0] & seats[1]


def test_swap_against_swap(campus: Campus) -> None:
    """Everybody wants the other section; one seat is free, so that they can only go one after another."""
    term, crowd = campus.term(), campus.crowd()
    course = campus.course()
    crowd.round = term.round_id
    one, other = (campus.section(term, MONDAY, capacity=size, course=course) for size in (10, 11))
    students = campus.enrolled(term, 20, limit="2.0")
    places = [(student, (one, other)[at % 2], (other, one)[at % 2]) for at, student in enumerate(students)]
    crowd.everyone(partial(crowd.pursue, enrols(crowd, student, old)) for student, old, _ in places)
    crowd.everyone(
        partial(crowd.pursue, swaps(crowd, student, old, new)) for student, old, new in places for _ in range(2)
    )
    assert campus.verify(crowd) == []
    ways = Counter(wish.state for wish in crowd.wishes if wish.action == "swap")
    assert ways["confirmed"] >= 1, ways
    sitting = has(campus, one) | has(campus, other)
    assert sitting == {student.id for student in students}  # nobody lost a seat over it


def test_a_drop_against_promotions(campus: Campus) -> None:
    """Seats come free while those who wait for them fill the hour otherwise, or leave."""
    term, crowd = campus.term(), campus.crowd()
    crowd.round = term.round_id
    full, clashing = campus.section(term, MONDAY, capacity=8, line=30), campus.section(term, LATER_MONDAY, capacity=40)
    holders, waiters = campus.enrolled(term, 8), campus.enrolled(term, 24)
    crowd.everyone(partial(crowd.pursue, enrols(crowd, one, full)) for one in holders)
    crowd.everyone(partial(crowd.pursue, enrols(crowd, one, full)) for one in waiters)
    acts = [partial(crowd.pursue, drops(crowd, one, full)) for one in holders[:4]]
    acts += [partial(crowd.pursue, swaps(crowd, one, full, clashing)) for one in holders[4:]]
    acts += [partial(crowd.pursue, enrols(crowd, one, clashing)) for one in waiters[:16]]
    acts += [partial(crowd.pursue, drops(crowd, one, full)) for one in waiters[20:]]
    crowd.everyone(sorted(acts, key=lambda _: crowd.random.random()))
    assert campus.verify(crowd) == []
    # Those who filled the hour are passed by; with enough of them a seat stays free, but never while somebody waits.
    assert len(has(campus, full)) == 8 or not has(campus, full, "waitlisted")
    assert not has(campus, full) & has(campus, clashing)


def test_a_restriction_in_mid_round(campus: Campus) -> None:
    """From its commit on nobody is let in whom it keeps out, though Redis has promised some of them a seat."""
    term, crowd = campus.term(), campus.crowd()
    course = campus.course()
    section = campus.section(term, capacity=200, course=course)
    students = campus.enrolled(term, 60)
    running = gevent.spawn(
        crowd.everyone, [partial(crowd.pursue, enrols(crowd, one, section)) for one in students], at_once=15
    )
    campus.until(lambda: any(wish.promised for wish in crowd.wishes), "a first promise")
    ban = {"course_id": str(course), "mode": "except", "grades": [campus.place("计算机学院").grade], "reason": "急停"}
    assert crowd.manage(campus.manager(), "POST", "restrictions", ban).status == 201
    late = campus.enrolled(term, 10)
    running.get()
    crowd.everyone(partial(crowd.pursue, enrols(crowd, one, section)) for one in late)
    assert campus.verify(crowd) == []
    assert not has(campus, section) & {one.id for one in late}


def test_capacity_is_lowered_while_sections_are_swapped(campus: Campus) -> None:
    term, crowd = campus.term(), campus.crowd()
    crowd.round = term.round_id
    course = campus.course()
    old, new = (campus.section(term, MONDAY, capacity=40, course=course) for _ in range(2))
    students = campus.enrolled(term, 40, limit="2.0")
    crowd.everyone(partial(crowd.pursue, enrols(crowd, one, old)) for one in students)
    running = gevent.spawn(
        crowd.everyone, [partial(crowd.pursue, swaps(crowd, one, old, new)) for one in students], at_once=10
    )
    token = campus.manager()
    sizes = (36, 30, 24, 18)
    answers = [crowd.manage(token, "PATCH", f"sections/{new}", {"capacity": size}) for size in sizes]
    running.get()
    assert campus.verify(crowd) == []
    assert {answer.status for answer in answers} <= {200, 409}
    assert any(answer.status == 200 for answer in answers)
    assert has(campus, old) | has(campus, new) == {one.id for one in students}


def test_a_fair_opening(campus: Campus) -> None:
    """Whoever was first in the seconds of the lots has nothing of it: the seats go by the lots, claim after claim."""
    seed, now, crowd, seconds = "0f" * 32, datetime.now(UTC), campus.crowd(), 15
    commitment = hashlib.sha256(bytes.fromhex(seed)).hexdigest()
    term = campus.term(opens_at=now, mode="fair", fair_seconds=seconds, seed=seed, commitment=commitment)
    pair = [campus.section(term, slot, capacity=10, line=3) for slot in (MONDAY, LATER_MONDAY)]
    students = campus.enrolled(term, 40)
    crowd.everyone(partial(crowd.pursue, enrols(crowd, one, section)) for one in students for section in pair)
    assert campus.verify(crowd) == []
    with campus.services.db.transaction() as session:
        until = round(now.timestamp() * 1000) + seconds * 1000
        document = exported(session, KIND, term.round_id, until, bytes.fromhex(seed))["claims"]
    told = {wish.claim_id: wish.state for wish in crowd.wishes}
    assert [one for one in document if told[one["claim_id"]] != one["state"]] == []
    drawn = [one["claim_id"] for one in document if one["by_lot"]]
    assert drawn == by_lot(bytes.fromhex(seed), drawn)
    assert len(drawn) > 40  # some may have come after the seconds, on a busy machine
    for section in pair:
        won = [one for one in document if one["offering_id"] == str(section) and one["state"] == "confirmed"]
        lost = [one for one in document if one["offering_id"] == str(section) and one["reason"] == "sold_out"]
        assert len(won) == 10
        assert max(one["position"] for one in won) < min(one["position"] for one in lost)
