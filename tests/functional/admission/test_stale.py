"""A Redis that comes back with yesterday's data, before it is rebuilt: nobody is told less than before, or a false count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import Any

import gevent
import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from app.admission.engine import Engine
from app.admission.lag import TELL_AFTER_S, Lag
from app.auth.models import Account
from app.extensions.services import Services
from app.lectures.booking import book, cancel
from ops.stack import Stack
from tests.factories import actor_for
from tests.functional.admission.conftest import Hall, MakeId
from tests.functional.lectures.conftest import desk_of
from tests.lua_guards import library_without
from tests.yesterday import Yesterday


@dataclass
class Told:
    """What the pages of two students said of a lecture: one cancelled their booking, the other's has been confirmed."""

    seats_left: int
    cancelled: str
    confirmed: str
    standing: str


TRUTH = Told(4, "cancelled", "confirmed", "confirmed")

Tell = Callable[[], tuple[Told, Told]]


@pytest.fixture
def yesterday(stack: Stack, tmp_path: Path) -> Yesterday:
    return Yesterday(stack, tmp_path / "dump.rdb")


@pytest.fixture
def tell(engine: Engine, make: MakeId, hall: Hall, client: FlaskClient, yesterday: Yesterday) -> Tell:
    """`tell()`: what was told before Redis came back, and what is told afterwards."""

    def told() -> tuple[Told, Told]:
        lecture, (first, second) = make(capacity=5), hall.students(2)
        ended = hall.book(lecture, [first])[0].id
        running = book(engine, actor_for(hall.services, second), lecture, "key-00000001").claim_id
        yesterday.keep(engine.store.redis)
        cancel(engine, actor_for(hall.services, first), lecture, "key-cancel-1")
        hall.settle()
        before = ask(client, hall.services, lecture, (first, ended), (second, running))
        yesterday.comes_back()
        sleep(
            TELL_AFTER_S
        )  # until then nobody is told what was decided just now, as one who reaches Redis may not know
        return before, ask(client, hall.services, lecture, (first, ended), (second, running))

    return told


def ask(
    client: FlaskClient, services: Services, lecture: int, ended: tuple[Account, str], running: tuple[Account, str]
) -> Told:
    def get(student: Account, path: str) -> Any:
        answer = desk_of(client, services, student).get(path)
        assert answer.status_code == 200, answer.json
        return answer.json

    return Told(
        seats_left=get(running[0], f"/api/lectures/{lecture}")[
            "seats_left"
        ],  # first: three who are not believed open the breaker
        cancelled=get(ended[0], f"/api/claims/{ended[1]}")["state"],
        confirmed=get(running[0], f"/api/claims/{running[1]}")["state"],
        standing=get(running[0], f"/api/lectures/{lecture}/standing")["claim"]["state"],
    )


def test_nothing_steps_back(tell: Tell) -> None:
    assert tell() == (TRUTH, TRUTH)


def test_status_fence_off_a_final_answer_steps_back(
    tell: Tell, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Lag, "none", lambda _: True)  # else effects that nobody marks as done here are late
    engine.store.redis.function_load(library_without("status_fence"), replace=True)
    assert tell() == (TRUTH, Told(4, "confirmed", "pending", "pending"))


def test_seats_fence_off_a_seat_is_shown_as_taken(tell: Tell, engine: Engine) -> None:
    engine.store.redis.function_load(library_without("seats_fence"), replace=True)
    assert tell() == (TRUTH, Told(3, "cancelled", "confirmed", "confirmed"))


def test_a_thousand_who_poll_meanwhile_cost_mariadb_a_few_queries(
    engine: Engine, make: MakeId, hall: Hall, yesterday: Yesterday
) -> None:
    (booked,) = hall.book(make(), hall.students(1))
    yesterday.keep(engine.store.redis)
    yesterday.comes_back()
    queries: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        queries.append(statement)

    event.listen(hall.services.db.engine, "before_cursor_execute", count)
    try:
        polls = [gevent.spawn(engine.status.ask, booked.id) for _ in range(1000)]
        gevent.joinall(polls, raise_error=True)
    finally:
        event.remove(hall.services.db.engine, "before_cursor_execute", count)
    assert {poll.value.standing for poll in polls} == {booked}
    assert len(queries) <= 10
