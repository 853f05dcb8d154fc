"""Carts raced over HTTP: of one student against each other and against single claims, and of many for one hot section."""

from __future__ import annotations

from collections import Counter
from functools import partial

from app.catalogue.timetable import Slot
from ops.drills.sections import EVERY_WEEK
from ops.drills.wishes import Wish
from tests.campus import Campus
from tests.races.choosing import enrols, has, sections_of, send_carts

# Each of the second clashes with one of the first, and with nothing else.
FIRST = [Slot(EVERY_WEEK, day, 1, 2) for day in (1, 2, 3)]
SECOND = [Slot(EVERY_WEEK, day, 2, 3) for day in (1, 2, 3)]


def test_two_carts_of_the_same_sections(campus: Campus) -> None:
    """Two devices, each with a key of its own: a section is won by one of the two, and the other is told by which."""
    term, crowd = campus.term(), campus.crowd()
    crowd.round = term.round_id
    some = [campus.section(term, slot, capacity=100) for slot in FIRST]
    students = campus.enrolled(term, 30)
    send_carts(crowd, students, some, some[::-1])
    assert campus.verify(crowd) == []
    assert set(map(frozenset, sections_of(campus, students).values())) == {frozenset(some)}
    won = {(wish.student.id, wish.lecture_id): wish.claim_id for wish in crowd.wishes if wish.state == "confirmed"}
    lost = [wish for wish in crowd.wishes if wish.state is None]
    assert (len(won), len(lost)) == (90, 90)
    for wish in lost:
        assert [answer.refused for answer in wish.refusals] == ["already_claimed"]
        assert wish.refusals[0].body["claim_id"] == won[(wish.student.id, wish.lecture_id)]


def test_a_cart_that_is_sent_twice_at_once(campus: Campus) -> None:
    """The same key: it is one cart, whatever comes first."""
    term, crowd = campus.term(), campus.crowd()
    crowd.round = term.round_id
    some = [campus.section(term, slot, capacity=100) for slot in FIRST]
    orders = [crowd.cart(one, some) for one in campus.enrolled(term, 30)]
    crowd.everyone(partial(crowd.pursue_cart, order) for order in orders for _ in range(2))
    assert campus.verify(crowd) == []
    assert Counter(wish.state for wish in crowd.wishes) == {"confirmed": 90}
    assert {answer.status for wish in crowd.wishes for answer in wish.answers} == {202}


def test_two_carts_that_clash(campus: Campus) -> None:
    """Whichever comes first: of each pair that meets at the same time everybody has one."""
    term, crowd = campus.term(), campus.crowd()
    crowd.round = term.round_id
    first, second = ([campus.section(term, slot, capacity=100) for slot in slots] for slots in (FIRST, SECOND))
    students = campus.enrolled(term, 40)
    send_carts(crowd, students, first, second)
    assert campus.verify(crowd) == []
    for held in sections_of(campus, students).values():
        assert sorted(len(held & set(pair)) for pair in zip(first, second, strict=True)) == [1, 1, 1]
    assert refusals_of(crowd.wishes) == {"timetable_clash"}


def test_two_carts_of_the_same_courses_that_fill_the_limit(campus: Campus) -> None:
    """Other sections of the same courses, and credits for two of three: nobody has a course twice, or a third one."""
    term, crowd = campus.term(), campus.crowd()
    crowd.round = term.round_id
    courses = [campus.course() for _ in range(3)]
    carts = [[campus.section(term, capacity=100, course=course) for course in courses] for _ in range(2)]
    students = campus.enrolled(term, 40, limit="4.0")
    send_carts(crowd, students, *carts)
    assert campus.verify(crowd) == []
    assert {len(held) for held in sections_of(campus, students).values()} == {2}
    assert refusals_of(crowd.wishes) == {"duplicate_course", "credit_limit"}


def test_a_cart_against_single_claims(campus: Campus) -> None:
    """In one tab a cart, in others each of its sections and what clashes with it."""
    term, crowd = campus.term(), campus.crowd()
    crowd.round = term.round_id
    first, second = ([campus.section(term, slot, capacity=100) for slot in slots] for slots in (FIRST, SECOND))
    students = campus.enrolled(term, 25)
    acts = [partial(crowd.pursue_cart, crowd.cart(one, first)) for one in students]
    acts += [partial(crowd.pursue, enrols(crowd, one, section)) for one in students for section in first + second]
    crowd.everyone(sorted(acts, key=lambda _: crowd.random.random()))
    assert campus.verify(crowd) == []
    for held in sections_of(campus, students).values():
        assert sorted(len(held & set(pair)) for pair in zip(first, second, strict=True)) == [1, 1, 1]
    assert refusals_of(crowd.wishes) <= {"timetable_clash", "already_claimed"}
    told = {(wish.student.id, answer.body["claim_id"]) for wish in crowd.wishes for answer in wish.refusals}
    assert told <= {(wish.student.id, wish.claim_id) for wish in crowd.wishes}  # what stands against it is one's own


def test_a_hot_section_in_the_carts_of_all(campus: Campus) -> None:
    """It goes to as many as it has seats, then a line; what keeps it out of a cart keeps nothing else out."""
    term, crowd = campus.term(), campus.crowd()
    crowd.round = term.round_id
    hot = campus.section(term, FIRST[0], capacity=20, line=10)
    others = [campus.section(term, slot, capacity=200) for slot in FIRST[1:]]
    students = campus.enrolled(term, 120)
    send_carts(crowd, students, [others[0], hot, others[1]])
    assert campus.verify(crowd) == []
    assert len(has(campus, hot)) == 20
    assert all(has(campus, other) == {one.id for one in students} for other in others)
    ends = Counter(wish.state for wish in crowd.wishes if wish.lecture_id == hot)
    assert ends == {"confirmed": 20, "waitlisted": 10, None: 90}
    assert refusals_of(crowd.wishes) == {"sold_out"}


def refusals_of(wishes: list[Wish]) -> set[str | None]:
    return {answer.refused for wish in wishes for answer in wish.refusals}
