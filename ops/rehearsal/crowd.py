"""The opening crowd as a process of its own, so that it can run where clients are: `python -m ops.rehearsal.crowd ORDER`.

The students are the bench's (ops/bench/crowd.py); what each was answered is written down as the drills do, for their checker.
"""

from __future__ import annotations

import itertools
import os
import random
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import orjson

from ops.bench.crowd import Visit, press_as_they_come
from ops.bench.epoll import Answer, Client
from ops.bench.shooting import Shot
from ops.drills import history
from ops.drills.connection import Address
from ops.drills.order import fields_of, save
from ops.drills.wishes import Answer as Kept
from ops.drills.wishes import Student, Told, Wish
from ops.stack.config import REPOSITORY

CONNECTIONS = 4000
PRESSING = "the students press"


@dataclass(frozen=True, slots=True)
class Order:
    """Who presses for what and when (three lists of one length), until when, and where it is written down."""

    address: Address
    students: list[Student]
    lectures: list[int]
    moments: list[float]
    within_s: float
    seed: int
    history: Path

    @classmethod
    def load(cls, path: Path) -> Order:
        """Read what was saved."""
        return cls(**fields_of(path))


class Crowd:
    """The process as the rehearsal sees it; always `end` it."""

    def __init__(self, order: Order, *, prefix: Sequence[str] = ()) -> None:
        """Returns when the students press. `prefix`: a command that runs the rest where the clients are.

        Raises OSError when they don't.
        """
        self._order = order.history.with_suffix(".order")
        save(order, self._order)
        command = [*prefix, sys.executable, "-m", "ops.rehearsal.crowd", str(self._order)]
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
        self.process = Popen(command, cwd=REPOSITORY, env=environment, stdout=PIPE, text=True)
        said = self.process.stdout.readline() if self.process.stdout else ""
        if PRESSING not in said:
            self.end()
            raise OSError(f"the crowd does not press: {said}")

    def ended(self) -> bool:
        """Whether everybody was told, or time is up. Raises OSError when the crowd failed."""
        code = self.process.poll()
        if code:
            raise OSError(f"the crowd failed with exit code {code}")
        return code == 0

    def end(self) -> None:
        """Whatever happened: nothing of it is left, its tokens neither."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        with suppress(FileNotFoundError):
            self._order.unlink()


def run(order: Order) -> None:
    """Press, ask until told, write down."""
    random.seed(order.seed)
    numbers = itertools.count(1)
    wishes = [
        Wish(student, lecture, "book", f"rehearsal-{next(numbers):06d}-{random.getrandbits(32):08x}")
        for student, lecture in zip(order.students, order.lectures, strict=True)
    ]
    visits = [Visit(_shot(wish), due) for wish, due in zip(wishes, order.moments, strict=True)]
    by_key = {wish.key: wish for wish in wishes}
    heard: list[tuple[Visit, float, Answer]] = []
    host, port = order.address
    client = Client(port, min(CONNECTIONS, len(visits)), host=host)
    print(PRESSING, flush=True)
    press_as_they_come(client, visits, within_s=order.within_s, heard=lambda *one: heard.append(one))
    client.close()
    failed = [text for visit, due, answer in heard if (text := _keep(by_key[visit.shot.key], due, answer))]
    history.write(order.history, wishes, [*complaints(wishes), *failed])


def complaints(wishes: Sequence[Wish]) -> list[str]:
    """What no student should meet, whatever the books say."""
    failed = [
        f"book {one.claim_id} was answered 500" for one in wishes if any(each.status == 500 for each in one.answers)
    ]
    untold = [f"book {one.claim_id} was not told anything" for one in wishes if not (one.state or one.refusals)]
    return [*failed, *untold]


def _shot(wish: Wish) -> Shot:
    return Shot("POST", f"/api/lectures/{wish.lecture_id}/bookings", wish.student.token, wish.key, wish.claim_id)


def _keep(wish: Wish, due: float, answer: Answer) -> str | None:
    """A press, until one of them is accepted; a question from then on. Returns what is to be complained of."""
    body = _object(answer.body)
    if not wish.promised:
        wish.answers.append(Kept(answer.status, body, due, answer.at))
    elif answer.status == 200:
        wish.told.append(Told(body["state"], body["version"], body["reason"], due, answer.at))
    elif answer.status == 500:
        return f"a status of book {wish.claim_id} was answered 500"
    return None


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


if __name__ == "__main__":
    run(Order.load(Path(sys.argv[1])))
