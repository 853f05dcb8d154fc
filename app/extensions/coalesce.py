"""Coalescing: requests of one worker that arrive within milliseconds share one round trip (DESIGN §3)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Generic, TypeVar

import gevent
from gevent.event import AsyncResult

from app.extensions.trials import TRIALS

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class _Failure:
    """What `work` failed a ticket with."""

    __slots__ = ("_error",)

    def __init__(self, error: BaseException) -> None:
        self._error: BaseException | None = error

    def take(self) -> BaseException:
        """The error, once. A ticket that kept it would be in a cycle with it (error, traceback, frame, ticket), and in
        the opening minute the garbage collector would have more to do than the requests."""
        error, self._error = self._error, None
        return error or RuntimeError("a ticket was waited for twice")


class Ticket(Generic[Item, Answer]):
    """One caller's place in a batch: resolve it exactly once."""

    __slots__ = ("_result", "item", "trials")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.trials = TRIALS.get()
        self._result: AsyncResult[Answer | _Failure] = AsyncResult()

    @property
    def resolved(self) -> bool:
        return bool(self._result.ready())

    def resolve(self, answer: Answer) -> None:
        self._result.set(answer)

    def fail(self, error: BaseException) -> None:
        # Not set_exception: gevent would pickle a traceback for each, and refusals are most of the opening minute.
        self._result.set(_Failure(error))

    def wait(self) -> Answer:
        outcome: Answer | _Failure = self._result.get()  # type: ignore[assignment] # the stubs allow None, for time-outs
        if not isinstance(outcome, _Failure):
            return outcome
        error = outcome.take()
        try:
            raise error
        finally:
            del error

    def outcome(self) -> Answer | Exception:
        """As `wait`, but the error is returned."""
        try:
            return self.wait()
        except Exception as error:
            return error


class Coalescer(Generic[Item, Answer]):
    """Calls `work` with batches of tickets. A batch lingers `linger_s` to fill; while one is under way the next lingers
    `overlap_s` (by default no longer), at most `in_flight` at once. When none has set out or ended for `stuck_s` seconds,
    those who wait set out beside them, together: what one batch waits for is not everybody's fate.

    `work` runs in its own greenlet and must resolve its tickets; those it leaves open fail with what it raised. What it does
    is part of the trials that its askers make (`trials.py`). `check` is called before anybody joins: what it raises is the
    answer.
    """

    def __init__(
        self,
        work: Callable[[list[Ticket[Item, Answer]]], None],
        *,
        largest: int = 256,
        in_flight: int = 2,
        linger_s: float = 0.002,
        overlap_s: float | None = None,
        stuck_s: float | None = None,
        check: Callable[[], None] | None = None,
    ) -> None:
        self._work = work
        self._largest = largest
        self._in_flight = in_flight
        self._linger_s = linger_s
        self._overlap_s = linger_s if overlap_s is None else overlap_s
        self._stuck_s = stuck_s
        self._check = check
        self._moved_at = 0.0  # when a batch last was begun or ended
        self._watched = False
        self._running = 0
        self._led = False  # one of those running lingers briefly
        self._queue: deque[Sequence[Ticket[Item, Answer]]] = deque()

    def ask(self, item: Item) -> Answer:
        """Join the next batch and wait for the answer. Raises what `work` failed with."""
        if self._check is not None:
            self._check()
        ticket: Ticket[Item, Answer] = Ticket(item)
        self._join((ticket,))
        return ticket.wait()

    def ask_together(self, items: Sequence[Item]) -> list[Answer | Exception]:
        """Several items that are to be in one batch. Returns the answer to each, or what `work` failed it with."""
        try:
            if self._check is not None:
                self._check()
        except Exception as error:
            return [error for _ in items]
        tickets: list[Ticket[Item, Answer]] = [Ticket(item) for item in items]
        if tickets:
            self._join(tickets)
        return [ticket.outcome() for ticket in tickets]

    def _join(self, tickets: Sequence[Ticket[Item, Answer]]) -> None:
        self._queue.append(tickets)
        if self._running < self._in_flight:
            self._running += 1
            self._moved_at = monotonic()
            gevent.spawn(self._run)
        else:
            self._watch_over()

    def _watch_over(self) -> None:
        if self._stuck_s is not None and not self._watched:
            self._watched = True
            gevent.spawn(self._watch, self._stuck_s)

    def _watch(self, stuck_s: float) -> None:
        try:
            while self._queue:
                left = self._moved_at + stuck_s - monotonic()
                if left > 0:
                    gevent.sleep(left)
                else:
                    self._moved_at = monotonic()
                    gevent.spawn(self._one, self._next_batch())
        finally:
            self._watched = False

    def _run(self) -> None:
        leading = False
        try:
            while self._queue:
                leading = leading or not self._led
                self._led = self._led or leading
                gevent.sleep(self._linger_s if leading else self._overlap_s)
                batch = self._next_batch()
                if batch:
                    self._one(batch)
        finally:
            self._running -= 1
            self._led = self._led and not leading

    def _next_batch(self) -> list[Ticket[Item, Answer]]:
        """As many as fit; what asked together stays together, even when it is more than that."""
        batch: list[Ticket[Item, Answer]] = []
        while self._queue and (not batch or len(batch) + len(self._queue[0]) <= self._largest):
            batch.extend(self._queue.popleft())
        if self._queue:
            self._watch_over()
        return batch

    def _one(self, batch: list[Ticket[Item, Answer]]) -> None:
        self._moved_at = monotonic()
        error: BaseException = RuntimeError("a batch left a request unanswered")
        mine = TRIALS.set(frozenset().union(*(ticket.trials for ticket in batch)))
        try:
            self._work(batch)
        except (Exception, gevent.Timeout) as failure:  # gevent's Timeout is no Exception, and nobody may wait for ever
            error = failure
        finally:
            TRIALS.reset(mine)
        self._moved_at = monotonic()
        for ticket in batch:
            if not ticket.resolved:
                ticket.fail(error)
