"""What students do while something breaks: some book lectures, others send carts of sections, drop and swap them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

import gevent
from gevent.event import Event
from gevent.pool import Group

from ops.drills.crowd import Crowd
from ops.drills.sections import SLOTS
from ops.drills.visits import visit, visit_with_cart
from ops.drills.wishes import Student
from tests.campus.sections import Sections

# Seats and line of what is soon gone, and of what lasts: something is promised to those who come late, too.
HOT, WIDE = {"capacity": 15, "line": 10}, {"capacity": 1000, "line": 0}
MOST = 600  # students of one load

Come = Callable[[Student], None]


class Load(NamedTuple):
    """Two crowds that meet the same fault. What is counted is of the crowd that has fewer: it holds for both kinds."""

    lectures: Crowd
    carts: Crowd

    def come(self) -> int:
        """Wishes so far."""
        return min(len(crowd.wishes) for crowd in self)

    def promised(self) -> int:
        """Wishes that were answered 202."""
        return min(sum(wish.promised for wish in crowd.wishes) for crowd in self)

    def told(self) -> int:
        """Wishes whose end was told."""
        return min(sum(wish.state is not None for wish in crowd.wishes) for crowd in self)

    def unseen(self) -> int:
        """Wishes that were promised while Redis could not judge them."""
        return min(sum(wish.unseen for wish in crowd.wishes) for crowd in self)


class Loads(Sections):
    """Steady loads of both kinds at once."""

    @contextmanager
    def load(self, *, at_least: int = 40, per_second: int = 25) -> Iterator[Load]:
        """Students come while the block runs, one after another and so many in any case; all are told at its end.

        Each books a lecture and (in another tab) sends a cart. They ask again by the same key, some cancel, drop or swap,
        some of those come back.
        """
        load = Load(self.crowd(), self.crowd())
        comes = [self._booking(load.lectures), self._choosing(load.carts)]
        coming, enough = Group(), Event()
        coming.add(gevent.spawn(_arrive, coming, comes, self.students(MOST), enough, at_least, per_second))
        try:
            yield load
        except BaseException:
            coming.kill()
            raise
        enough.set()
        coming.join(raise_error=True)
        for crowd in load:
            crowd.close()

    def _booking(self, crowd: Crowd) -> Come:
        lectures = [self.lecture(size["capacity"], size["line"]) for size in (HOT, WIDE)]
        return lambda student: visit(crowd, student, crowd.random.choice(lectures))

    def _choosing(self, crowd: Crowd) -> Come:
        """In a term of their own; each section clashes with the next one of the day.

        Nobody has a credit account in it before the first claim is settled.
        """
        term = self.term()
        sections = [self.section(term, slot, **(HOT if slot.weekday == 1 else WIDE)) for slot in SLOTS]
        crowd.round = term.round_id
        return partial(visit_with_cart, crowd, sections=sections)


def _arrive(
    coming: Group, comes: Sequence[Come], students: Sequence[Student], enough: Event, at_least: int, per_second: int
) -> None:
    for number, student in enumerate(students):
        if number >= at_least and enough.is_set():
            return
        for come in comes:
            coming.add(gevent.spawn(come, student))
        gevent.sleep(1 / per_second)
