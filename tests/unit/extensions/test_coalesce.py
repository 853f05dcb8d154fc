"""Coalescing: who asks together is answered together, and nobody waits for ever."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from time import monotonic

import gevent
import gevent.event
import pytest

from app.extensions.coalesce import Coalescer, Ticket

Place = Ticket[int, int]


class RefusedError(Exception):
    """What the desk below refuses with."""


def double(places: list[Place]) -> None:
    for place in places:
        place.resolve(place.item * 2)


def refuse(places: list[Place]) -> None:
    for place in places:
        place.fail(RefusedError(place.item))


def ask_all(desk: Coalescer[int, int], count: int) -> list[int | BaseException]:
    asking = [gevent.spawn(desk.ask, number) for number in range(count)]
    gevent.joinall(asking, timeout=30)
    return [one.value if one.successful() else one.exception for one in asking]


def tickets() -> int:
    return sum(isinstance(one, Ticket) for one in gc.get_objects())


@pytest.fixture
def tickets_before() -> Iterator[int]:
    """How many tickets are alive, with the collector off from here on."""
    gc.collect()
    gc.disable()
    yield tickets()
    gc.enable()


def test_who_asks_together_shares_a_batch() -> None:
    sizes: list[int] = []

    def work(places: list[Place]) -> None:
        sizes.append(len(places))
        double(places)

    assert ask_all(Coalescer(work), 100) == [number * 2 for number in range(100)]
    assert sizes == [100]


def test_a_batch_has_a_largest_size() -> None:
    sizes: list[int] = []

    def work(places: list[Place]) -> None:
        sizes.append(len(places))
        double(places)

    ask_all(Coalescer(work, largest=30), 100)
    assert sizes == [30, 30, 30, 10]


def test_what_asks_together_stays_together() -> None:
    batches: list[list[int]] = []

    def work(places: list[Place]) -> None:
        batches.append([place.item for place in places])
        double(places)

    desk = Coalescer(work, largest=5, in_flight=1)
    asking = [gevent.spawn(desk.ask_together, [10 * n + i for i in range(3)]) for n in range(4)]
    asking.append(gevent.spawn(desk.ask_together, list(range(100, 107))))
    gevent.joinall(asking, timeout=30)
    assert [len(batch) for batch in batches] == [3, 3, 3, 3, 7]
    assert asking[1].value == [20, 22, 24]
    assert desk.ask_together([]) == []


def test_each_of_those_who_ask_together_has_an_answer_of_its_own() -> None:
    def work(places: list[Place]) -> None:
        for place in places:
            if place.item == 2:
                place.fail(RefusedError(place.item))
            else:
                place.resolve(place.item * 2)

    first, second, third = Coalescer(work).ask_together([1, 2, 3])
    assert (first, third) == (2, 6)
    assert isinstance(second, RefusedError)


def test_no_more_batches_at_once_than_allowed() -> None:
    running, most = 0, 0

    def work(places: list[Place]) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        gevent.sleep(0.005)
        running -= 1
        double(places)

    ask_all(Coalescer(work, largest=1, in_flight=2, linger_s=0), 12)
    assert most == 2


def test_a_second_batch_sets_out_only_when_the_first_is_slow() -> None:
    started: list[float] = []
    slow = gevent.event.Event()

    def work(places: list[Place]) -> None:
        started.append(monotonic())
        if len(started) == 1:
            assert slow.wait(30)
        double(places)

    desk = Coalescer(work, linger_s=0, overlap_s=0.05)
    first = gevent.spawn(desk.ask, 1)
    gevent.sleep(0.01)
    later = [gevent.spawn(desk.ask, 2), gevent.spawn(desk.ask, 3)]
    gevent.joinall(later, timeout=30)
    assert not first.ready()
    slow.set()
    gevent.joinall([first, *later], timeout=30)
    assert [one.value for one in (first, *later)] == [2, 4, 6]
    assert len(started) == 2
    assert started[1] - started[0] >= 0.05
    assert desk.ask(4) == 8


def test_each_gets_its_own_refusal() -> None:
    answers = ask_all(Coalescer(refuse), 3)
    assert [(type(answer), answer.args) for answer in answers if isinstance(answer, BaseException)] == [
        (RefusedError, (0,)),
        (RefusedError, (1,)),
        (RefusedError, (2,)),
    ]


@pytest.mark.parametrize("failure", [ValueError("broken"), gevent.Timeout(0.1)])
def test_what_the_desk_dies_of_reaches_everybody(failure: BaseException) -> None:
    def work(places: list[Place]) -> None:
        places[0].resolve(1)
        raise failure

    assert ask_all(Coalescer(work), 3) == [1, failure, failure]


def test_a_desk_that_forgets_somebody_is_told_on() -> None:
    answers = ask_all(Coalescer(lambda places: places[0].resolve(1)), 2)
    assert answers[0] == 1
    assert isinstance(answers[1], RuntimeError)


def test_a_refusal_leaves_no_garbage(tickets_before: int) -> None:
    desk = Coalescer(refuse)

    def ask(number: int) -> None:
        with pytest.raises(RefusedError):
            desk.ask(number)

    gevent.joinall([gevent.spawn(ask, number) for number in range(20)], timeout=30)
    assert tickets() <= tickets_before  # what earlier tests left may go meanwhile


def test_a_ticket_that_keeps_its_error_is_in_a_cycle(tickets_before: int) -> None:
    """The guard off: the error stays with the ticket, and the collector would have to find both."""
    held: list[weakref.ref[Ticket[int, int]]] = []

    class Keeping(Ticket[int, int]):
        __slots__ = ("__weakref__",)

        def wait(self) -> int:
            raise self._result.get()._error  # type: ignore[union-attr, misc]

    def ask() -> None:
        ticket = Keeping(1)
        held.append(weakref.ref(ticket))
        ticket.fail(RefusedError())
        with pytest.raises(RefusedError):
            ticket.wait()

    ask()
    assert held[0]() is not None


@pytest.mark.parametrize("stuck_s", [0.05, None])
def test_when_all_batches_hang_the_others_set_out_beside_them(stuck_s: float | None) -> None:
    hang, sizes = gevent.event.Event(), []

    def work(places: list[Place]) -> None:
        sizes.append(len(places))
        if len(sizes) <= 2:
            hang.wait()
        double(places)

    desk = Coalescer(work, linger_s=0.001, stuck_s=stuck_s)
    stuck = []
    for number in range(2):
        stuck.append(gevent.spawn(desk.ask, number))
        gevent.sleep(0.02)
    others = [gevent.spawn(desk.ask, number) for number in range(5)]
    gevent.joinall(others, timeout=0.5 if stuck_s is None else 30)
    assert [one.ready() for one in others] == [stuck_s is not None] * 5
    assert sizes == ([1, 1, 5] if stuck_s is not None else [1, 1]), "together, not one by one"
    hang.set()
    gevent.joinall([*stuck, *others], timeout=5, raise_error=True)


def test_while_batches_end_in_time_no_more_are_under_way_than_allowed() -> None:
    busy: list[int] = []

    def work(places: list[Place]) -> None:
        busy.append(busy[-1] + 1 if busy else 1)
        gevent.sleep(0.02)
        busy.append(busy[-1] - 1)
        double(places)

    assert ask_all(Coalescer(work, largest=2, linger_s=0.001, stuck_s=5.0), 60) == [number * 2 for number in range(60)]
    assert max(busy) == 2
