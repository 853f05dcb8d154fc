"""A crowd of students over HTTP: each wish remembers what was sent, every answer and every state it was ever told.

They behave as the pages do: one key per wish, kept over lost answers; a refused key is dropped; they ask until told.
"""

from __future__ import annotations

import itertools
import random
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import gevent
import orjson
from gevent.pool import Pool

from app.admission.claims import GENERAL, claim_id
from app.catalogue.models import KIND as SECTION
from app.lectures.models import KIND

PATIENCE_S = 90.0  # an outage on a busy machine may last a minute
ANSWER_WITHIN_S = 20.0
UNKNOWN_OFTEN = 3  # then the pages send it again (web/parts/booking.js)
LOST = 0  # the status of an answer that never came
SETTLED = frozenset({"confirmed", "waitlisted", "rejected", "cancelled", "expired"})

Address = tuple[str, int]  # host, port

_keys = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Student:
    """Somebody with an account and a good token."""

    id: int
    token: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `status` 0: the connection broke, or nothing came in time. Times by the monotonic clock, in seconds."""

    status: int
    body: dict[str, Any]
    asked_at: float = 0.0
    told_at: float = 0.0

    @property
    def refused(self) -> str | None:
        """The code of a refusal that ends the wish; lost answers, 429 and 503 are none."""
        final = 400 <= self.status < 500 and self.status != 429
        return str(self.body.get("code")) if final else None


@dataclass(frozen=True, slots=True)
class Told:
    """A state told by GET /api/claims/{id}, with the moments of question and answer."""

    state: str
    version: int
    reason: str | None
    asked_at: float
    told_at: float


@dataclass(slots=True)
class Wish:
    """One intention of one student: all its requests carry one key and make one claim."""

    student: Student
    lecture_id: int
    action: str
    key: str
    waitlist: bool = True
    kind: str = KIND
    drops: int = 0
    pools: tuple[str, ...] = (GENERAL,)
    answers: list[Answer] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)

    @property
    def claim_id(self) -> str:
        return claim_id(self.student.id, self.action, self.kind, self.lecture_id, self.key)

    @property
    def promised(self) -> bool:
        """True when some request was answered 202, or 503 with the claim id: a decision is owed only for the first."""
        return any(answer.status == 202 for answer in self.answers)

    @property
    def unseen(self) -> bool:
        """True when some request was answered 202 without Redis, which numbers what it admits."""
        return any(answer.status == 202 and answer.body.get("sequence") is None for answer in self.answers)

    @property
    def refusals(self) -> list[Answer]:
        return [answer for answer in self.answers if answer.refused]

    @property
    def state(self) -> str | None:
        """The last settled state that was told."""
        return next((one.state for one in reversed(self.told) if one.state in SETTLED), None)


class Connection:
    """One keep-alive connection to Nginx, opened anew when it broke."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._socket: socket.socket | None = None

    def ask(self, method: str, path: str, headers: Iterable[str], body: bytes, timeout: float) -> Answer:
        lines = [f"{method} {path} HTTP/1.1", "Host: campus", *headers]
        if body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        request = ("\r\n".join(lines) + "\r\n\r\n").encode() + body
        try:
            return self._exchange(request, timeout)
        except (OSError, ValueError, IndexError):
            self.close()
            return Answer(LOST, {})

    def _exchange(self, request: bytes, timeout: float) -> Answer:
        if self._socket is None or _ended(self._socket):
            self.close()
            self._socket = socket.create_connection(self._address, timeout=timeout)
        self._socket.settimeout(timeout)
        self._socket.sendall(request)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, body = data.partition(b"\r\n\r\n")
        fields = head.lower().split(b"\r\n")
        length = next((int(line[15:]) for line in fields if line.startswith(b"content-length:")), 0)
        while len(body) < length:
            body += self._more()
        if b"connection: close" in fields:
            self.close()
        return Answer(int(head[9:12]), orjson.loads(body) if body else {})

    def _more(self) -> bytes:
        part = self._socket.recv(65536) if self._socket is not None else b""
        if not part:
            raise ConnectionResetError
        return part

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _ended(connection: socket.socket) -> bool:
    """Whether the other end closed it while it was idle, as an Nginx does that was reloaded: browsers look, too."""
    connection.settimeout(0.0)
    try:
        return not connection.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True


class Crowd:
    """Students of one test and everything they were told."""

    def __init__(
        self,
        address: Address,
        seed: int = 1,
        *,
        patience_s: float = PATIENCE_S,
        answer_within_s: float = ANSWER_WITHIN_S,
    ) -> None:
        self._address = address
        self._patience_s = patience_s
        self._answer_within_s = answer_within_s
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
        pause = 0.05
        while time.monotonic() < deadline:
            answer = self.send(wish)
            if answer.refused:
                return None
            if answer.status == 202 and (state := self._follow(wish, deadline, again)) is not None:
                return state
            gevent.sleep(pause * self.random.uniform(0.7, 1.3))
            pause = min(1.0, pause * 2)
        self.complaints.append(f"{wish.action} {wish.claim_id} was not told anything in {self._patience_s:.0f} s")
        return None

    def pursue_cart(self, wishes: Sequence[Wish], *, again: float = 0.0) -> None:
        """Send the cart until each section is accepted or refused, and ask until all are told."""
        deadline = time.monotonic() + self._patience_s
        pause = 0.05
        while time.monotonic() < deadline:
            self.send_cart(wishes)
            left = [wish for wish in wishes if not wish.answers[-1].refused]
            accepted = [wish for wish in left if wish.answers[-1].status == 202]
            states = [self._follow(wish, deadline, again) for wish in accepted]
            if len(accepted) == len(left) and None not in states:
                return
            gevent.sleep(pause * self.random.uniform(0.7, 1.3))
            pause = min(1.0, pause * 2)
        self.complaints.append(f"a cart of {len(wishes)} was not told everything in {self._patience_s:.0f} s")

    def _follow(self, wish: Wish, deadline: float, again: float) -> str | None:
        """Ask until told; None when nobody knows the claim (send it again) or patience ends."""
        pause, unknown = 0.05, 0
        while time.monotonic() < deadline:
            gevent.sleep(pause * self.random.uniform(0.7, 1.3))
            pause = min(0.5, pause * 1.6)
            state = self.look(wish)
            if state in SETTLED:
                return state
            unknown += state == "unknown"
            if unknown >= UNKNOWN_OFTEN or self.random.random() < again:
                return None
        return None

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
            return replace(answer, asked_at=asked_at, told_at=time.monotonic())
        finally:
            self._idle.append(connection)

    def close(self) -> None:
        for connection in self._idle:
            connection.close()
        self._idle.clear()


def _of_line(line: dict[str, Any]) -> dict[str, Any]:
    """Status and body of a line of a cart's answer, as if its section had been asked for alone."""
    if line["state"] == "pending":
        return {"status": 202, "body": line}
    return {"status": 503 if line["state"] == "unknown" else 409, "body": line["problem"]}
