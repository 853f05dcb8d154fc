"""Plans the demo catalogue's sections: how many of each course, who teaches, when and where. Pure and seeded.

No room and no teacher is in two places at once: each (weekday, block) of theirs is a mask of weeks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from app.catalogue.demo_courses import GENERAL_CATEGORY, PUBLIC_CATEGORY, DemoCourse
from app.catalogue.demo_subjects import BUILDINGS, HALLS, LABS
from app.catalogue.timetable import Slot
from app.catalogue.weeks import parse_weeks
from app.org.names import person_name

WHOLE, ODD, EVEN, EARLY, LATE = (
    parse_weeks(text) for text in ("1-16", "1-16(单)", "1-16(双)", "1-8", "9-16")
)  # fmt: skip
# (first period, the last of two, the last of three where the break allows it)
BLOCKS = ((1, 2, 0), (3, 4, 5), (6, 7, 0), (8, 9, 10), (11, 12, 13))
# Saturday has no evening.
GRID = [(day, at) for day in range(1, 7) for at in range(5 if day < 6 else 4)]
SECTIONS_PER_TEACHER = 3


@dataclass(frozen=True, slots=True)
class DemoTeacher:
    """`account_id` is None for one who is known by name only."""

    name: str
    account_id: int | None = None


@dataclass(frozen=True, slots=True)
class DemoSection:
    """One section with its meetings and their places."""

    course: DemoCourse
    number: int
    teacher: DemoTeacher
    language: str
    is_mooc: bool
    capacity: int
    meetings: tuple[tuple[Slot, str], ...]


def plan_sections(
    courses: Sequence[DemoCourse], count: int, teachers: Mapping[str, Sequence[DemoTeacher]], random: Random
) -> list[DemoSection]:
    """Exactly `count` sections over these courses by weight; `teachers` are the people with accounts, by college."""
    timetabling = _Timetabling(random)
    sections: list[DemoSection] = []
    staff = _Staff(teachers, random)
    for course, many in zip(courses, _shares([one.weight for one in courses], count), strict=True):
        for number in range(1, many + 1):
            sections.append(_section(course, number, staff.next_of(course.college), timetabling, random))
    return sections


def _section(
    course: DemoCourse, number: int, teacher: DemoTeacher, timetabling: _Timetabling, random: Random
) -> DemoSection:
    is_mooc = course.category == GENERAL_CATEGORY and number == 4
    size = _size(course, is_mooc=is_mooc)
    meetings = () if is_mooc else tuple(timetabling.place(teacher, _pattern(course, random), size))
    language = random.choices(("zh", "bilingual", "en"), (20, 2, 6 if course.college == "外国语学院" else 1))[0]
    return DemoSection(course, number, teacher, language, is_mooc, size - random.randrange(4) * 2, meetings)


def _shares(weights: Sequence[int], total: int) -> Iterator[int]:
    """`total` in whole parts, by weight."""
    before = 0
    whole = sum(weights)
    for so_far in accumulate(weights):
        now = so_far * total // whole
        yield now - before
        before = now


def _size(course: DemoCourse, *, is_mooc: bool) -> int:
    if is_mooc:
        return 300
    if course.category == PUBLIC_CATEGORY:
        return 120
    if course.category == GENERAL_CATEGORY:
        return 90
    if course.name.endswith(("实验", "课程设计", "研讨课")):
        return 36
    return 90 if course.category == "专业必修" else 60


def _pattern(course: DemoCourse, random: Random) -> list[tuple[int, int]]:
    """(weeks, periods) of the meetings that make up the credits; one credit is 16 lessons."""
    half = random.choice((ODD, EVEN, EARLY, LATE))
    tenths = int(course.credits * 10)
    if tenths <= 10:
        return [(half, 2)]
    if tenths <= 15:
        return [(half, 3)]
    if tenths <= 20:
        return [(WHOLE, 2)]
    if tenths <= 25:
        return [(WHOLE, 2), (half, 2)]
    if tenths <= 30:
        return [(WHOLE, 3)] if random.random() < 0.3 else [(WHOLE, 2), (half, 2)]
    return [(WHOLE, 2), (WHOLE, 2)] if tenths <= 40 else [(WHOLE, 2), (WHOLE, 2), (half, 2)]


class _Staff:
    """Teachers of each college in turn: those with accounts, then as many more as the sections need."""

    def __init__(self, known: Mapping[str, Sequence[DemoTeacher]], random: Random) -> None:
        self._fresh = {college: list(people) for college, people in known.items()}
        self._random = random
        self._present: dict[str, tuple[DemoTeacher, int]] = {}

    def next_of(self, college: str) -> DemoTeacher:
        teacher, left = self._present.get(college, (None, 0))
        if teacher is None or left == 0:
            fresh = self._fresh.get(college)
            teacher = fresh.pop() if fresh else DemoTeacher(f"{person_name(self._random)}")
            left = SECTIONS_PER_TEACHER
        self._present[college] = (teacher, left - 1)
        return teacher


class _Timetabling:
    """Finds a time and a room; a room more is built when all of that size are taken."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._rooms: dict[int, list[str]] = defaultdict(list)
        # who or where → (weekday, block) → weeks that are taken
        self._taken: dict[object, dict[tuple[int, int], int]] = defaultdict(dict)

    def place(self, teacher: DemoTeacher, pattern: Sequence[tuple[int, int]], size: int) -> Iterator[tuple[Slot, str]]:
        """Slots and rooms of one section; its meetings fall on different days."""
        # Two people may share a name, so it is the object that is busy.
        busy = self._taken[id(teacher)]
        days: set[int] = set()
        for weeks, periods in pattern:
            free = [
                (day, at)
                for day, at in GRID
                if day not in days and (periods == 2 or BLOCKS[at][2]) and not busy.get((day, at), 0) & weeks
            ]
            day, at = self._random.choice(free)
            days.add(day)
            busy[day, at] = busy.get((day, at), 0) | weeks
            first, second, third = BLOCKS[at]
            yield Slot(weeks, day, first, second if periods == 2 else third), self._room(size, (day, at), weeks)

    def _room(self, size: int, when: tuple[int, int], weeks: int) -> str:
        for room in self._rooms[size]:
            if not self._taken[room].get(when, 0) & weeks:
                break
        else:
            room = _room_name(size, len(self._rooms[size]))
            self._rooms[size].append(room)
        self._taken[room][when] = self._taken[room].get(when, 0) | weeks
        return room


def _room_name(size: int, at: int) -> str:
    """Every size has floors of its own, so that no two names are the same."""
    buildings = {120: HALLS, 36: LABS}.get(size, BUILDINGS)
    floor = {90: 1, 60: 4}.get(size, 1) + at // len(buildings) % 3
    return f"{buildings[at % len(buildings)]} {floor}{1 + at // len(buildings) // 3:02d}"
