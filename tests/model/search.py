"""A breadth-first search of every reachable state: the first violation found has the shortest trace."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass

from tests.model.invariants import always, quiescent
from tests.model.protocol import SYSTEM, steps
from tests.model.redis import TooSmallError
from tests.model.settle import Violation
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
        lines = [head + (self.violation or "nothing wrong")]
        return "\n".join(lines + [f"  {i}. {step}" for i, step in enumerate(self.trace, 1)])


class SearchLimitError(Exception):
    """More states than allowed: the search would not be exhaustive."""


def search(sc: Scenario, limit: int = 1_000_000) -> Result:
    """Visit every state reachable in the scenario, or stop at the first violation."""
    start = initial(sc)
    parents: dict[State, tuple[State, str] | None] = {start: None}
    todo: deque[State] = deque([start])
    back: dict[State, list[State]] = {}
    rest: list[State] = []
    began, transitions, still = time.perf_counter(), 0, 0

    def result(violation: str | None, state: State | None, *last: str) -> Result:
        trace = list(last)
        while state is not None and (link := parents[state]) is not None:
            state, label = link
            trace.append(label)
        took = time.perf_counter() - began
        return Result(sc.name, len(parents), transitions, still, took, violation, tuple(reversed(trace)))

    while todo:
        state = todo.popleft()
        try:
            moves = steps(sc, state)
        except Violation as broken:
            return result(str(broken), state)
        except TooSmallError as short:
            raise TooSmallError(str(result(str(short), state))) from short
        transitions += len(moves)
        if not any(kind == SYSTEM for _, _, kind in moves):
            still += 1
            rest.append(state)
            try:
                quiescent(sc, state)
            except Violation as broken:
                return result(f"at rest: {broken}", state)
        for label, after, kind in moves:
            if kind == SYSTEM:
                back.setdefault(after, []).append(state)
            if after in parents:
                continue
            parents[after] = (state, label)
            try:
                always(sc, after)
            except Violation as broken:
                return result(str(broken), after)
            if len(parents) > limit:
                raise SearchLimitError(f"{sc.name}: more than {limit} states")
            todo.append(after)
    stuck = _never_rest(parents, back, rest)
    return result("the system can never come to rest from here", stuck) if stuck else result(None, None)


def _never_rest(parents: dict, back: dict[State, list[State]], rest: list[State]) -> State | None:
    """The first state from which the system's own steps never reach rest: a livelock."""
    seen, todo = set(rest), list(rest)
    while todo:
        for before in back.get(todo.pop(), ()):
            if before not in seen:
                seen.add(before)
                todo.append(before)
    return next((state for state in parents if state not in seen), None)
