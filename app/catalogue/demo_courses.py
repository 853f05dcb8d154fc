"""Plans the demo catalogue's courses and study plans. Pure: the same courses every time.

Each source (a college, the public courses, the general ones) lists its courses so that a prerequisite stands before
what needs it. The catalogue takes from all sources in turn: any beginning of it is whole, and nothing runs in circles.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, islice, zip_longest

from app.catalogue.demo_subjects import FORMS, GENERAL, LETTERS, LETTERS_FORMS, PUBLIC, TOPICS

PUBLIC_CATEGORY = "公共必修"
GENERAL_CATEGORY = "通识选修"


@dataclass(frozen=True, slots=True)
class DemoCourse:
    """One course; `needs` are codes, `term` is the recommended one (1 … 8), `weight` how many sections it draws."""

    code: str
    name: str
    college: str
    category: str
    credits: Decimal
    term: int
    weight: int
    general_type: str = ""
    needs: tuple[str, ...] = ()


def plan_courses(count: int) -> list[DemoCourse]:
    """The first `count` courses of the campus (about 1,200 in all)."""
    sources = [list(_public()), *(list(_of_college(college)) for college in TOPICS), list(_general())]
    return list(islice((one for one in chain(*zip_longest(*sources)) if one is not None), count))


def plan_programme(courses: list[DemoCourse], college: str, number: int) -> list[tuple[DemoCourse, bool]]:
    """(course, required) of a class of that college: what is public, its college's basics, some electives.

    `number` is the major's: majors of a college differ in their electives.
    """
    public = [one for one in courses if one.category == PUBLIC_CATEGORY]
    own = [one for one in courses if one.college == college and one not in public and not one.general_type]
    required = [one for one in own if one.category == "专业必修"][:14]
    electives = [one for one in own if one.category == "专业选修"][number % 5 :: 5][:6]
    return [(one, True) for one in public + required] + [(one, False) for one in electives]


def _public() -> Iterator[DemoCourse]:
    codes: dict[str, str] = {}
    for number, (name, credit, college, term, before) in enumerate(PUBLIC, 1):
        code = codes[name] = f"PUBL{term}{number:05d}"
        needs = (codes[before],) if before else ()
        yield DemoCourse(code, name, college, PUBLIC_CATEGORY, Decimal(credit), term, 27, needs=needs)


def _general() -> Iterator[DemoCourse]:
    titles = [[(kind, college, title) for title in words.split()] for kind, (college, words) in GENERAL.items()]
    for number, (kind, college, title) in enumerate(chain(*zip(*titles, strict=True)), 1):
        yield DemoCourse(
            f"GENE1{number:05d}", title, college, GENERAL_CATEGORY, Decimal("2.0"), 3, 4, general_type=kind
        )


def _of_college(college: str) -> Iterator[DemoCourse]:
    """First every topic, then everything that builds on topics."""
    letters, words = TOPICS[college]
    topics = words.split()
    for form, (name, category, credit) in enumerate(LETTERS_FORMS if college in LETTERS else FORMS):
        for at, topic in enumerate(topics):
            term = _term(at, len(topics), form)
            yield DemoCourse(
                f"{letters}{(term + 1) // 2}{at * 10 + form:05d}",
                name.format(topic),
                college,
                category,
                Decimal(credit),
                term,
                4 if form == 0 else 1 + form % 2,
                needs=_needs(letters, at, len(topics), form),
            )


def _term(at: int, topics: int, form: int) -> int:
    return min(8, 1 + at * 6 // topics + (1 if form else 0))


def _needs(letters: str, at: int, topics: int, form: int) -> tuple[str, ...]:
    """A form needs its topic; every third topic the one two before it."""
    before = at if form else at - 2
    if before < 0 or (form == 0 and at % 3 != 0) or form in {1, 5}:
        return ()
    return (f"{letters}{(_term(before, topics, 0) + 1) // 2}{before * 10:05d}",)
