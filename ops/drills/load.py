"""A steady open load of bookings and carts: so many students a second come, however slowly the site answers, and ask again
by the same key until they are told. A process of its own (`python -m ops.drills load`): it runs where clients are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from subprocess import TimeoutExpired
from time import monotonic

import gevent
from gevent.pool import Group

from ops.drills import history
from ops.drills.connection import Address
from ops.drills.crowd import AS_THE_PAGES, EAGER, Crowd
from ops.drills.inside import Inside, finish, input_ends
from ops.drills.offerings import Offerings
from ops.drills.order import fields_of, save
from ops.drills.visits import visit, visit_with_cart
from ops.drills.wishes import Student

TOLD_WITHIN_S = 120.0
ANSWER_WITHIN_S = 8.0  # then the pages send it again (web/parts/booking.js)
CART_EVERY = 4  # the others book a lecture: a cart is the work of several bookings
COMING = "the students are coming"


@dataclass(frozen=True, slots=True)
class Order:
    """What to load, and where to write it down. `seconds`: it ends by itself after so many. `told_within_s`: how long a wish
    may take, and the last ones after the end; whoever has not been told by then is complained of."""

    address: Address
    students: list[Student]
    offerings: Offerings
    per_second: float
    seconds: float
    seed: int
    history: Path
    eager: bool = True  # else they wait between tries as long as the pages do
    told_within_s: float = TOLD_WITHIN_S

    @classmethod
    def load(cls, path: Path) -> Order:
        """Read what was saved."""
        fields = fields_of(path)
        return cls(offerings=Offerings.of(fields.pop("offerings")), **fields)


def run(order: Order) -> None:
    """Load until standard input ends, or the order does; returns when everybody who came has been told."""
    enough = input_ends()
    pace = EAGER if order.eager else AS_THE_PAGES
    patience = order.told_within_s
    crowd = Crowd(order.address, order.seed, patience_s=patience, answer_within_s=ANSWER_WITHIN_S, pace=pace)
    crowd.round = order.offerings.round_id
    coming, begun = Group(), monotonic()
    print(COMING, flush=True)
    for number, student in enumerate(order.students):
        due = begun + number / order.per_second
        if enough.wait(max(0.0, due - monotonic())) or due - begun > order.seconds:
            break
        come(crowd, coming, partial(_come, crowd, student, order.offerings, cart=number % CART_EVERY == 0))
    else:
        crowd.complaints.append(f"all {len(order.students)} students had come before the end")
    end(crowd, coming, patience)
    history.write(order.history, crowd.wishes, crowd.complaints)
    crowd.close()


def come(crowd: Crowd, coming: Group, visit: Callable[[], None]) -> None:
    """Begin a student's visit. One that breaks off, as by an answer that nobody can read, is complained of."""
    student: gevent.Greenlet[..., object] = gevent.spawn(visit)
    student.link_exception(lambda one: crowd.complaints.append(f"a visit broke off: {one.exception!r}"))
    coming.add(student)


def end(crowd: Crowd, coming: Group, within_s: float) -> None:
    """Wait for those who came; who is still there is not told any more, and is complained of."""
    coming.join(timeout=within_s)
    crowd.complaints += [f"a student was not told everything {within_s:.0f} s after the end"] * len(coming)
    coming.kill()


def _come(crowd: Crowd, student: Student, offerings: Offerings, *, cart: bool) -> None:
    if cart:
        visit_with_cart(crowd, student, offerings.sections)
    else:
        visit(crowd, student, crowd.random.choice(offerings.lectures))


class Load:
    """The process as the drill sees it."""

    def __init__(self, order: Order, *, prefix: Sequence[str] = ()) -> None:
        """Returns when the students come. `prefix`: a command that runs the rest where the clients are, as `nsenter …`.

        Raises OSError when it does not begin.
        """
        self._order = order
        order.history.unlink(missing_ok=True)  # that of the load before would be taken for this one's
        path = order.history.with_suffix(".order")
        save(order, path)
        self._process = Inside(prefix).begin("load", str(path))
        said = self._process.stdout.readline() if self._process.stdout else ""
        if COMING not in said:
            self.kill()
            raise OSError(f"the load does not begin: {said}")

    def stop(self) -> history.History:
        """No more students; those who came are waited for. Returns what they saw. Raises OSError when it wrote nothing."""
        try:
            self._end_input()
            try:
                self._process.wait(timeout=self._order.told_within_s + 30)
            except TimeoutExpired as error:
                raise OSError("the load does not end") from error
            if self._process.returncode:
                raise OSError(f"the load broke off: exit status {self._process.returncode}")
            return history.read(self._order.history)
        finally:
            self.kill()

    def kill(self) -> None:
        """Whatever happened: nothing of it is left, its tokens neither."""
        finish(self._process)
        with suppress(FileNotFoundError):
            self._order.history.with_suffix(".order").unlink()

    def _end_input(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
