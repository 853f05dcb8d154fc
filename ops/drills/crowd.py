"""A crowd of students over HTTP: each wish remembers what was sent, every answer and every state it was ever told.

They behave as the pages do: one key per wish, kept over lost answers; a refused key is dropped; they ask until told.
"""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import gevent
import orjson
from gevent.pool import Pool

from app.catalogue.models import KIND as SECTION
from ops.drills.connection import Address, Connection
from ops.drills.wishes import SETTLED, Answer, Student, Told, Wish
from ops.waits import ASKED_AGAIN, FIRST_WAIT, LONGEST_WAIT, SENT_AGAIN

PATIENCE_S = 90.0  # an outage on a busy machine may last a minute
ANSWER_WITHIN_S = 20.0
UNKNOWN_OFTEN = 3  # then the pages send it again (web/parts/booking.js)

_keys = itertools.count(1)


class Wait(NamedTuple):
    """Between two tries, in seconds: the first, the longest, and how many times longer each is than the one before."""

    first: float
    longest: float
    growth: float

    def each(self, deadline: float) -> Iterator[float]:
        """One after another, until then by the monotonic clock."""
        wait = self.first
        while time.monotonic() < deadline:
            yield wait
            wait = min(self.longest, wait * self.growth)


class Pace(NamedTuple):
    """How patient students are: before they send again, and before they ask again what came of it."""

    send: Wait
    look: Wait


# Whoever measures how long something was away must ask more often than the pages do.
EAGER = Pace(Wait(0.05, 1.0, 2.0), Wait(0.05, 0.5, 1.6))
AS_THE_PAGES = Pace(Wait(FIRST_WAIT, LONGEST_WAIT, SENT_AGAIN), Wait(FIRST_WAIT, LONGEST_WAIT, ASKED_AGAIN))


class Crowd:
    """Students of one test and everything they were told."""

    def __init__(
        self,
        address: Address,
        seed: int = 1,
        *,
        patience_s: float = PATIENCE_S,
        answer_within_s: float = ANSWER_WITHIN_S,
        pace: Pace = EAGER,
    ) -> None:
        self._address = address
        self._patience_s = patience_s
        self._answer_within_s = answer_within_s
        self._pace = pace
        self._idle: list[Connection] = []
        self.random = random.Random(seed)
        self.wishes: list[Wish] = []
        self.complaints: list[str] = []
        self.round = 0  # in which sections are swapped

    def wish(self, student: Student, lecture_id: int, action: str = "book", **fields: Any) -> Wish:
        """A new intention with a key of its own. `fields`: waitlist, kind, drops."""
        made = Wish(student, lecture_id, action, self._key(), **fields)
        self.wishes.append(made)
        return made

    def cart(self, student: Student, sections: Iterable[int]) -> list[Wish]:
        """New intentions that are one request: they share their key."""
        key = self._key()
        made = [Wish(student, one, "book", key, kind=SECTION) for one in sections]
        self.wishes += made
        return made

    def _key(self) -> str:
        return f"key-{next(_keys):08d}-{self.random.getrandbits(32):08x}"

    def send(self, wish: Wish) -> Answer:
        """Send the wish once."""
        headers = [f"Authorization: Bearer {wish.student.token}", f"Idempotency-Key: {wish.key}"]
        answer = self._ask(*self._request(wish), headers=headers)
        wish.answers.append(answer)
        if answer.status == 500:
            self.complaints.append(f"{wish.action} was answered 500: {answer.body}")
        return answer

    def _request(self, wish: Wish) -> tuple[str, str, bytes]:
        if wish.action == "swap":
            body = {"drop": str(wish.drops), "take": str(wish.lecture_id)}
            return "POST", f"/api/rounds/{self.round}/swaps", orjson.dumps(body)
        base = f"/api/lectures/{wish.lecture_id}/bookings"
        if wish.kind == SECTION:
            base = f"/api/sections/{wish.lecture_id}/enrolments"
        if wish.action == "cancel":
            return "DELETE", f"{base}/mine", b""
        return "POST", base, b"" if wish.waitlist else b'{"waitlist":false}'

    def send_cart(self, wishes: Sequence[Wish]) -> Answer:
        """Send a cart once; each wish remembers what was answered to it."""
        first = wishes[0]
        headers = [f"Authorization: Bearer {first.student.token}", f"Idempotency-Key: {first.key}"]
        body = orjson.dumps({"sections": [str(one.lecture_id) for one in wishes]})
        answer = self._ask("POST", f"/api/rounds/{self.round}/carts", body, headers=headers)
        if answer.status == 500:
            self.complaints.append(f"a cart was answered 500: {answer.body}")
        lines = {line["section_id"]: line for line in answer.body.get("claims", ())}
        for wish in wishes:
            line = lines.get(str(wish.lecture_id))
            told = answer if line is None else replace(answer, **_of_line(line))
            if told.status == 202:
                # The same cart must be sent again as long as one line is open. A Redis that was lost remembers no refusal,
                # so another line may be accepted now: that is what its student was told last.
                wish.answers = [one for one in wish.answers if not one.refused]
            wish.answers.append(told)
        return answer

    def manage(self, token: str, method: str, path: str, body: dict[str, Any]) -> Answer:
        """A manager's request below /api/manage."""
        answer = self._ask(
            method, f"/api/manage/{path}", orjson.dumps(body), headers=[f"Authorization: Bearer {token}"]
        )
        if answer.status >= 500:
            self.complaints.append(f"{method} {path} was answered {answer.status}: {answer.body}")
        return answer

    def look(self, wish: Wish) -> str:
        """Ask where the claim stands; what is told is remembered."""
        asked_at = time.monotonic()
        answer = self._ask(
            "GET",
            f"/api/claims/{wish.claim_id}?kind={wish.kind}&offering_id={wish.lecture_id}&action={wish.action}",
            headers=[f"Authorization: Bearer {wish.student.token}", f"Idempotency-Key: {wish.key}"],
        )
        if answer.status == 500:
            self.complaints.append(f"a status was answered 500: {answer.body}")
        if answer.status != 200:
            return "unknown"
        body = answer.body
        wish.told.append(Told(body["state"], body["version"], body["reason"], asked_at, time.monotonic()))
        return str(body["state"])

    def pursue(self, wish: Wish, *, again: float = 0.0) -> str | None:
        """Send until answered, ask until told; returns the state, None after a refusal or when patience ends.

        `again`: how often an impatient student presses the button once more while the claim is on its way.
        """
        deadline = time.monotonic() + self._patience_s
        for pause in self._pace.send.each(deadline):
            answer = self.send(wish)
            if answer.refused:
                return None
            if answer.status == 202 and (state := self._follow(wish, deadline, again)) is not None:
                return state
            self._rest(pause, answer)
        self.complaints.append(f"{wish.action} {wish.claim_id} was not told anything in {self._patience_s:.0f} s")
        return None

    def pursue_cart(self, wishes: Sequence[Wish], *, again: float = 0.0) -> None:
        """Send the cart until each section is accepted or refused, and ask until all are told."""
        deadline = time.monotonic() + self._patience_s
        for pause in self._pace.send.each(deadline):
            answer = self.send_cart(wishes)
            left = [wish for wish in wishes if not wish.answers[-1].refused]
            accepted = [wish for wish in left if wish.answers[-1].status == 202]
            states = [self._follow(wish, deadline, again) for wish in accepted]
            if len(accepted) == len(left) and None not in states:
                return
            self._rest(pause, answer)
        self.complaints.append(f"a cart of {len(wishes)} was not told everything in {self._patience_s:.0f} s")

    def _follow(self, wish: Wish, deadline: float, again: float) -> str | None:
        """Ask until told; None when nobody knows the claim (send it again) or patience ends."""
        unknown = 0
        for pause in self._pace.look.each(deadline):
            gevent.sleep(pause * self.random.uniform(0.7, 1.3))
            state = self.look(wish)
            if state in SETTLED:
                return state
            unknown += state == "unknown"
            if unknown >= UNKNOWN_OFTEN or self.random.random() < again:
                return None
        return None

    def _rest(self, pause: float, answer: Answer) -> None:
        """Before it is sent again: who is told to wait does, and a little longer, so that not all come back at once."""
        told = answer.retry_after + self.random.random() if answer.status == 429 else 0.0
        gevent.sleep(max(pause * self.random.uniform(0.7, 1.3), told))

    def everyone(self, acts: Iterable[Callable[[], Any]], *, at_once: int = 200) -> None:
        """Run all, so many at the same time; the first error of one is raised."""
        pool = Pool(at_once)
        started = [pool.spawn(act) for act in acts]
        gevent.joinall(started, raise_error=True)

    def _ask(self, method: str, path: str, body: bytes = b"", *, headers: list[str]) -> Answer:
        connection = self._idle.pop() if self._idle else Connection(self._address)
        asked_at = time.monotonic()
        try:
            answer = connection.ask(method, path, headers, body, self._answer_within_s)
        except BaseException:  # a student who is sent home: the answer that is on its way is nobody else's
            connection.close()
            raise
        self._idle.append(connection)
        return replace(answer, asked_at=asked_at, told_at=time.monotonic())

    def close(self) -> None:
        for connection in self._idle:
            connection.close()
        self._idle.clear()


def _of_line(line: dict[str, Any]) -> dict[str, Any]:
    """Status and body of a line of a cart's answer, as if its section had been asked for alone."""
    if line["state"] == "pending":
        return {"status": 202, "body": line}
    return {"status": 503 if line["state"] == "unknown" else 409, "body": line["problem"]}
