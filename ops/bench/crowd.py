"""Students as the page makes them behave (web/lib/booking.js): press, wait, ask, until told the truth."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import orjson

from ops.bench.audit import Told
from ops.bench.epoll import Answer, Client, prepared
from ops.bench.shooting import Shot
from ops.waits import ASKED_AGAIN, FIRST_WAIT, LONGEST_WAIT, SENT_AGAIN, honour, jitter

SETTLED = {"confirmed", "waitlisted", "rejected", "cancelled", "expired"}


@dataclass(slots=True)
class Visit:
    """One student's way. Times are seconds after the press; None: it has not come to that."""

    shot: Shot
    due: float = 0.0  # the press, in seconds after the opening
    tries: int = 0
    wait: float = FIRST_WAIT
    accepted: float | None = None
    told: float | None = None
    state: str = "pending"  # as told last; "refused" after a final no


@dataclass(slots=True)
class Crowd:
    """Everybody's visits, and what was answered."""

    visits: list[Visit]
    statuses: Counter[str] = field(default_factory=Counter)
    unfinished: int = 0
    cpu_s: float = 0.0

    def told(self) -> Told:
        """For the audit."""
        claims = [(visit.shot.claim, visit.state) for visit in self.visits if visit.accepted is not None]
        refused = {visit.shot.claim for visit in self.visits if visit.state == "refused"}
        open_ones = sum(visit.accepted is None and visit.state != "refused" for visit in self.visits)
        return Told(claims, refused, open_ones)


# Whose exchange, when it was due (perf_counter's seconds), and what came.
Heard = Callable[[Visit, float, Answer], None]


def press_at_once(client: Client, shots: Sequence[Shot], *, within_s: float) -> Crowd:
    """Everybody presses in the same instant; ends when the last one knows, or after `within_s`."""
    return press_as_they_come(client, [Visit(shot) for shot in shots], within_s=within_s)


def press_as_they_come(
    client: Client, visits: list[Visit], *, within_s: float, heard: Heard = lambda *_: None
) -> Crowd:
    """Each presses when he is `due`; ends when the last one knows, or `within_s` after the opening. `heard`: of each answer."""
    crowd = Crowd(visits)
    host = _Host(client, crowd, heard)
    requests = [prepared(visit.shot) for visit in crowd.visits]
    host.start = time.perf_counter()
    for visit, request in zip(crowd.visits, requests, strict=True):
        host.press(visit, request, host.start + visit.due)
    crowd.unfinished = client.run(host.start + within_s)
    crowd.cpu_s = client.cpu_s
    return crowd


def press_steadily(client: Client, shots: Sequence[Shot], *, rate: float) -> Crowd:
    """A fixed number a second, whatever the answers do (open loop). A latency counts from when its press was due."""
    crowd = Crowd([Visit(shot) for shot in shots])
    start = time.perf_counter() + 0.05

    for at, visit in enumerate(crowd.visits):
        due = start + at / rate

        def then(answer: Answer, visit: Visit = visit, due: float = due) -> None:
            _note(crowd, visit, answer, answer.at - due)

        client.plan(due, prepared(visit.shot), then)
    crowd.unfinished = client.run(start + len(shots) / rate + 20)
    crowd.cpu_s = client.cpu_s
    return crowd


class _Host:
    """Plans each visit's next step from the last answer."""

    def __init__(self, client: Client, crowd: Crowd, heard: Heard) -> None:
        self._client = client
        self._crowd = crowd
        self._heard = heard
        self.start = 0.0

    def press(self, visit: Visit, request: bytes, due: float) -> None:
        self._client.plan(due, request, lambda answer: self._pressed(visit, request, due, answer))

    def _pressed(self, visit: Visit, request: bytes, due: float, answer: Answer) -> None:
        self._heard(visit, due, answer)
        _note(self._crowd, visit, answer, self._since_press(visit, answer))
        if visit.accepted is not None:
            self._ask_later(visit, answer)
        elif visit.state == "refused":
            visit.told = self._since_press(visit, answer)
        else:  # throttled, unavailable or lost: the same request again
            visit.tries += 1
            wait = honour(min(FIRST_WAIT * SENT_AGAIN**visit.tries, LONGEST_WAIT), answer.retry_after)
            self.press(visit, request, answer.at + wait)

    def _ask_later(self, visit: Visit, answer: Answer) -> None:
        shot = visit.shot
        question = Shot("GET", f"/api/claims/{shot.claim}", shot.token, shot.key)
        due = answer.at + jitter(visit.wait)
        self._client.plan(due, prepared(question), lambda one: self._asked(visit, due, one), first=True)
        visit.wait = min(visit.wait * ASKED_AGAIN, LONGEST_WAIT)

    def _asked(self, visit: Visit, due: float, answer: Answer) -> None:
        self._heard(visit, due, answer)
        self._crowd.statuses[f"GET {answer.status}"] += 1
        if answer.status == 200:
            state = str(orjson.loads(answer.body)["state"])
            if state in SETTLED:
                visit.state, visit.told = state, self._since_press(visit, answer)
                return
        self._ask_later(visit, answer)

    def _since_press(self, visit: Visit, answer: Answer) -> float:
        return answer.at - self.start - visit.due


def _note(crowd: Crowd, visit: Visit, answer: Answer, after: float) -> None:
    """Read the answer to a press."""
    if answer.status == 202:
        crowd.statuses["202"] += 1
        visit.accepted = after
        told = orjson.loads(answer.body)["claim_id"]
        if told != visit.shot.claim:
            visit.state = f"another claim: {told}"  # the audit finds that it isn't what is stored
        return
    code = _code(answer)
    crowd.statuses[f"{answer.status} {code}".strip()] += 1
    if 400 <= answer.status < 500 and answer.status not in {408, 425, 429}:
        visit.state = "refused"


def _code(answer: Answer) -> str:
    try:
        return str(orjson.loads(answer.body)["code"])
    except (ValueError, KeyError, TypeError):
        return ""
