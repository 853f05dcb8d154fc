"""A breadth-first search of every reachable state: the first violation found has the shortest trace."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from tests.model.invariants import always, quiescent
from tests.model.protocol import SYSTEM, steps
from tests.model.redis import TooSmallError
from tests.model.settle import ViolationError
from tests.model.state import Scenario, State, initial


@dataclass(frozen=True, slots=True)
class Result:
    """What a search saw. `violation` is None when every reachable state keeps every promise."""

    scenario: str
    states: int
    transitions: int
    quiescent: int
    seconds: float
    violation: str | None
    trace: tuple[str, ...]

    def __str__(self) -> str:
        head = f"{self.scenario}: {self.states} states, {self.transitions} steps, {self.seconds:.1f} s: "
        lines = [f"  {i}. {step}" for i, step in enumerate(self.trace, 1)]
        return "\n".join([head + (self.violation or "nothing wrong"), *lines])


class SearchLimitError(Exception):
    """More states than allowed: the search would not be exhaustive."""


class _Search:
    """One run: what was reached from where, what is still to be visited, what rests."""

    def __init__(self, sc: Scenario) -> None:
        self.sc, self.began = sc, time.perf_counter()
        start = initial(sc)
        self.parents: dict[State, tuple[State, str] | None] = {start: None}
        self.todo: deque[State] = deque([start])
        self.back: dict[State, list[State]] = {}  # by the system's own steps
        self.rest: list[State] = []
        self.transitions = 0

    def result(self, violation: str | None = None, state: State | None = None) -> Result:
        """What was seen, with the way to `state`."""
        trace: list[str] = []
        while state is not None and (link := self.parents[state]) is not None:
            state, label = link
            trace.append(label)
        took, way = time.perf_counter() - self.began, tuple(reversed(trace))
        return Result(self.sc.name, len(self.parents), self.transitions, len(self.rest), took, violation, way)

    def visit(self, state: State) -> None:
        """Check the state if it rests, and reach every state one step away. Raises _FoundError."""
        try:
            moves = steps(self.sc, state)
            if not any(kind == SYSTEM for _, _, kind in moves):
                self.rest.append(state)
                quiescent(self.sc, state)
        except ViolationError as broken:
            raise _FoundError(str(broken), state) from broken
        except TooSmallError as short:
            raise TooSmallError(str(self.result(str(short), state))) from short
        self.transitions += len(moves)
        for label, after, kind in moves:
            if kind == SYSTEM:
                self.back.setdefault(after, []).append(state)
            if after not in self.parents:
                self.parents[after] = (state, label)
                self.reach(after)

    def reach(self, state: State) -> None:
        """Check a new state and put it in the queue."""
        try:
            always(self.sc, state)
        except ViolationError as broken:
            raise _FoundError(str(broken), state) from broken
        self.todo.append(state)


class _FoundError(Exception):
    """A violation, and the state that shows it."""


def search(sc: Scenario, limit: int = 1_000_000) -> Result:
    """Visit every state reachable in the scenario, or stop at the first violation."""
    run = _Search(sc)
    try:
        while run.todo:
            run.visit(run.todo.popleft())
            if len(run.parents) > limit:
                raise SearchLimitError(f"{sc.name}: more than {limit} states")
    except _FoundError as found:
        return run.result(*found.args)
    stuck = never_rest(run.parents, run.back, run.rest)
    return run.result("the system can never come to rest from here", stuck) if stuck else run.result()


def never_rest(reached: Iterable[State], back: dict[State, list[State]], rest: list[State]) -> State | None:
    """Find the first state from which the system's own steps never reach rest: a livelock."""
    seen, todo = set(rest), list(rest)
    while todo:
        for before in back.get(todo.pop(), ()):
            if before not in seen:
                seen.add(before)
                todo.append(before)
    return next((state for state in reached if state not in seen), None)
