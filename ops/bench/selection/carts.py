"""Students with carts, as the page makes them behave: submit, then ask about all of the cart in one question."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from app.admission.claims import claim_id
from app.catalogue.models import KIND
from ops.bench.crowd import SETTLED
from ops.bench.epoll import Answer, Client
from ops.bench.rig import Student
from ops.waits import ASKED_AGAIN, FIRST_WAIT, LONGEST_WAIT, SENT_AGAIN, honour, jitter


@dataclass(slots=True)
class Wish:
    """One section of one cart. `told`: "", then "pending", then how it ended: a state, or "refused"."""

    claim: str
    student: int
    section: int
    told: str = ""
    version: int = 0
    reason: str = ""

    @property
    def final(self) -> bool:
        return self.told in SETTLED or self.told == "refused"


@dataclass(slots=True)
class Basket:
    """One student's cart and its way. Times are seconds after the press; None: it has not come to that."""

    student: Student
    round_id: int
    key: str
    wishes: list[Wish]
    answered: float | None = None
    told: float | None = None
    tries: int = 0
    wait: float = FIRST_WAIT

    @property
    def open_claims(self) -> list[str]:
        return [wish.claim for wish in self.wishes if wish.told == "pending"]


@dataclass(slots=True)
class Opening:
    """Everybody's carts, and what was answered. `began` in seconds since 1970."""

    baskets: list[Basket]
    began: float = 0.0
    statuses: Counter[str] = field(default_factory=Counter)
    unfinished: int = 0
    cpu_s: float = 0.0

    @property
    def wishes(self) -> list[Wish]:
        return [wish for basket in self.baskets for wish in basket.wishes]


def basket(student: Student, round_id: int, key: str, sections: Sequence[int]) -> Basket:
    """A cart and the ids that its claims will have."""
    number = student.account_id
    wishes = [Wish(claim_id(number, "book", KIND, one, key), number, one) for one in sections]
    return Basket(student, round_id, key, wishes)


def submit_at_once(client: Client, baskets: Sequence[Basket], *, within_s: float) -> Opening:
    """Everybody submits in the same instant; ends when the last one knows of the last course, or after `within_s`."""
    opening = Opening(list(baskets))
    counter = _Counter(client, opening)
    requests = [_submission(one) for one in opening.baskets]
    counter.start, opening.began = time.perf_counter(), time.time()
    for one, request in zip(opening.baskets, requests, strict=True):
        counter.submit(one, request, counter.start)
    opening.unfinished = client.run(counter.start + within_s)
    opening.cpu_s = client.cpu_s
    return opening


def _submission(one: Basket) -> bytes:
    body = orjson.dumps({"sections": [str(wish.section) for wish in one.wishes]})
    return (
        f"POST /api/rounds/{one.round_id}/carts HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {one.student.token}\r\n"
        f"Idempotency-Key: {one.key}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode("ascii") + body


def _question(one: Basket) -> bytes:
    return (
        f"GET /api/claims?ids={','.join(one.open_claims)} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Bearer {one.student.token}\r\n\r\n"
    ).encode("ascii")


class _Counter:
    """Plans each cart's next step from the last answer."""

    def __init__(self, client: Client, opening: Opening) -> None:
        self._client = client
        self._opening = opening
        self.start = 0.0

    def submit(self, one: Basket, request: bytes, due: float) -> None:
        self._client.plan(due, request, lambda answer: self._submitted(one, request, answer))

    def _submitted(self, one: Basket, request: bytes, answer: Answer) -> None:
        body = _document(answer)
        self._opening.statuses[f"{answer.status} {body.get('code', '')}".strip()] += 1
        if answer.status == 202:
            one.answered = one.answered or answer.at - self.start
            _read_lines(one, body["claims"])
        elif 400 <= answer.status < 500 and answer.status not in {408, 425, 429}:
            for wish in one.wishes:  # what stands against all of them alike
                _refuse(wish, str(body.get("code", answer.status)))
        if any(wish.told == "" for wish in one.wishes):  # throttled, unavailable, lost or unknown: the same cart again
            one.tries += 1
            wait = honour(min(FIRST_WAIT * SENT_AGAIN**one.tries, LONGEST_WAIT), answer.retry_after)
            self.submit(one, request, answer.at + wait)
            return
        self._go_on(one, answer)

    def _go_on(self, one: Basket, answer: Answer) -> None:
        if all(wish.final for wish in one.wishes):
            one.told = answer.at - self.start
            return
        self._client.plan(answer.at + jitter(one.wait), _question(one), lambda got: self._asked(one, got), first=True)
        one.wait = min(one.wait * ASKED_AGAIN, LONGEST_WAIT)

    def _asked(self, one: Basket, answer: Answer) -> None:
        self._opening.statuses[f"GET {answer.status}"] += 1
        known = {wish.claim: wish for wish in one.wishes}
        for item in _document(answer).get("items", ()) if answer.status == 200 else ():
            wish = known.get(item["claim_id"])
            if wish is not None and item["state"] in SETTLED:
                wish.told, wish.version, wish.reason = item["state"], item["version"], item["reason"] or ""
        self._go_on(one, answer)


def _read_lines(one: Basket, lines: Sequence[Mapping[str, Any]]) -> None:
    for wish, line in zip(one.wishes, lines, strict=True):
        if line["claim_id"] != wish.claim or line["section_id"] != str(wish.section):
            wish.told = f"another claim: {line['claim_id']}"  # the check finds that it isn't what is stored
        elif line["state"] == "refused":
            _refuse(wish, line["problem"]["code"])
        elif line["state"] == "pending" and not wish.final:
            wish.told = "pending"


def _refuse(wish: Wish, code: str) -> None:
    wish.told, wish.reason = "refused", code


def _document(answer: Answer) -> dict[str, Any]:
    try:
        found = orjson.loads(answer.body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
