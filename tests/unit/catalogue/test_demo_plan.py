"""The demo catalogue as planned, before anything is written."""

from __future__ import annotations

from collections import defaultdict
from graphlib import TopologicalSorter
from itertools import combinations
from random import Random

import pytest

from app.catalogue.demo_courses import DemoCourse, plan_courses, plan_programme
from app.catalogue.demo_sections import DemoSection, plan_sections
from app.catalogue.timetable import Slot, clash
from app.org.names import COLLEGES


@pytest.fixture(scope="module")
def courses() -> list[DemoCourse]:
    return plan_courses(1200)


@pytest.fixture(scope="module")
def sections(courses: list[DemoCourse]) -> list[DemoSection]:
    return plan_sections(courses, 3000, {}, Random(1))


def test_no_two_courses_are_the_same(courses: list[DemoCourse]) -> None:
    assert len(courses) == 1200
    assert len({one.code for one in courses}) == 1200
    assert len({one.name for one in courses}) == 1200
    assert {len(one.code) for one in courses} == {10}
    assert {one.college for one in courses} == set(COLLEGES)


@pytest.mark.parametrize("count", [1, 14, 60, 61, 300, 1200])
def test_any_beginning_is_whole_and_runs_in_no_circle(count: int) -> None:
    courses = plan_courses(count)
    terms = {one.code: one.term for one in courses}
    order = list(TopologicalSorter({one.code: one.needs for one in courses}).static_order())
    assert set(order) == terms.keys()
    assert not [one.code for one in courses for code in one.needs if terms[code] > one.term]


def test_plans_hold_a_course_once(courses: list[DemoCourse]) -> None:
    for number, college in enumerate(COLLEGES):
        plan = [one.code for one, _ in plan_programme(courses, college, number)]
        assert len(set(plan)) == len(plan) > 40


def test_as_many_sections_as_asked_for(courses: list[DemoCourse], sections: list[DemoSection]) -> None:
    assert len(sections) == 3000
    numbers = defaultdict(list)
    for one in sections:
        numbers[one.course.code].append(one.number)
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())
    assert len(plan_sections(courses[:60], 150, {}, Random(1))) == 150


def test_nobody_and_no_room_is_in_two_places(sections: list[DemoSection]) -> None:
    rooms: dict[object, list[Slot]] = defaultdict(list)
    teachers: dict[object, list[Slot]] = defaultdict(list)
    for section in sections:
        for slot, place in section.meetings:
            rooms[place].append(slot)
            teachers[id(section.teacher)].append(slot)
    for busy in (*rooms.values(), *teachers.values()):
        assert not [pair for pair in combinations(busy, 2) if clash(*pair)]


def test_the_same_every_time(courses: list[DemoCourse], sections: list[DemoSection]) -> None:
    assert plan_sections(courses, 3000, {}, Random(1)) == sections
