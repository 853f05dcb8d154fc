"""Booking: a repeated request is the same request, whatever has become of the lecture since."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from app.admission.deadletters import queue_depths
from app.admission.errors import CancelClosedError, ClosedError, KeyReusedError, NotEligibleError, OutcomeUnknownError
from app.auth.actor import Actor
from app.auth.models import Account
from app.extensions.services import Services
from app.lectures.booking import book, cancel
from app.lectures.cancelling import cancel_lecture
from app.lectures.editing import edit_lecture
from app.lectures.errors import LectureNotFoundError
from app.lectures.models import Lecture
from app.org.audience import Audience
from ops.stack import Stack
from tests.factories import actor_for, bearer, make_place
from tests.functional.lectures.conftest import Hall, Maker, without_redis

KEY = "key-00000001"


@pytest.fixture
def student(hall: Hall) -> Actor:
    return actor_for(hall.services, hall.students(1)[0])


@pytest.fixture
def nobody_here(services: Services) -> Audience:
    """Only the students of another college."""
    return Audience("only", colleges=frozenset({make_place(services).college_id}))


def edit(hall: Hall, manager: Account, lecture_id: int, **changes: Any) -> None:
    """Change the lecture, and let this worker's copy of it be the new one."""
    edit_lecture(hall.services, hall.engine, actor_for(hall.services, manager), lecture_id, changes)
    hall.engine.sheets._known.clear()


@pytest.mark.parametrize("settled", [False, True])
@pytest.mark.parametrize("change", ["restricted", "cancelled"])
def test_a_replay_is_answered_though_the_lecture_has_come_to_refuse_it(
    make: Maker, hall: Hall, manager: Account, student: Actor, nobody_here: Audience, change: str, settled: bool
) -> None:
    lecture_id = make().lecture.id
    first = book(hall.engine, student, lecture_id, KEY)
    if settled:
        hall.settle()
    edit(hall, manager, lecture_id, **({"state": change} if change == "cancelled" else {"restriction": nobody_here}))
    assert book(hall.engine, student, lecture_id, KEY) == first
    with pytest.raises((NotEligibleError, LectureNotFoundError)):
        book(hall.engine, student, lecture_id, "key-00000002")


def test_a_replayed_cancellation_too(make: Maker, hall: Hall, manager: Account, student: Actor) -> None:
    lecture_id = make().lecture.id
    book(hall.engine, student, lecture_id, KEY)
    hall.settle()
    first = cancel(hall.engine, student, lecture_id, "key-cancel-1")
    hall.settle()
    cancel_lecture(hall.services, hall.engine, actor_for(hall.services, manager), lecture_id)
    hall.engine.sheets._known.clear()
    assert cancel(hall.engine, student, lecture_id, "key-cancel-1") == first
    with pytest.raises(LectureNotFoundError):
        cancel(hall.engine, student, lecture_id, "key-cancel-2")


def test_such_a_replay_is_published_again_and_its_body_compared(
    make: Maker, hall: Hall, manager: Account, student: Actor, nobody_here: Audience
) -> None:
    """A worker that died between Redis and the broker left a claim that only its replay, or the sweep, publishes."""
    lecture_id = make().lecture.id
    book(hall.engine, student, lecture_id, KEY)
    edit(hall, manager, lecture_id, restriction=nobody_here)
    before = queued(hall)
    book(hall.engine, student, lecture_id, KEY)
    assert queued(hall) == before + 1
    with pytest.raises(KeyReusedError):
        book(hall.engine, student, lecture_id, KEY, waitlist=False)


@pytest.mark.parametrize("settled", [False, True])
def test_a_reused_key_is_named_as_that_where_the_rules_refuse(
    make: Maker,
    hall: Hall,
    manager: Account,
    nobody_here: Audience,
    client: FlaskClient,
    services: Services,
    settled: bool,
) -> None:
    """Neither an answer of another request, nor a refusal that its key has not had."""
    lecture_id, (account,) = make().lecture.id, hall.students(1)

    def press(body: dict[str, bool]) -> Any:
        headers = bearer(services, account) | {"Idempotency-Key": KEY}
        return client.post(f"/api/lectures/{lecture_id}/bookings", json=body, headers=headers)

    first = press({}).json
    if settled:
        hall.settle()
    edit(hall, manager, lecture_id, restriction=nobody_here)
    reused = press({"waitlist": False})
    assert (reused.status_code, reused.json["code"]) == (422, "idempotency_key_reused")
    again = press({})
    assert (again.status_code, again.json["claim_id"]) == (202, first["claim_id"])


def queued(hall: Hall) -> int:
    settings = hall.services.settings
    return sum(queue_depths(settings.amqp_url, settings.claim_queues).values())


def test_nobody_is_refused_while_nobody_can_say(
    make: Maker, hall: Hall, manager: Account, student: Actor, nobody_here: Audience, stack: Stack
) -> None:
    """Redis, which alone knows the claim, is away, and MariaDB has not decided it: it may have been accepted."""
    lecture_id = make().lecture.id
    first = book(hall.engine, student, lecture_id, KEY)
    edit(hall, manager, lecture_id, restriction=nobody_here)
    with without_redis(stack), pytest.raises(OutcomeUnknownError) as error:
        book(hall.engine, student, lecture_id, KEY)
    assert error.value.data["claim_id"] == first.claim_id


def test_a_lecture_that_redis_has_forgotten_is_over_and_not_unknown(
    make: Maker, hall: Hall, manager: Account, student: Actor
) -> None:
    """Whoever books by hand what was over an hour ago: nothing is recorded, and nothing is left to be settled."""
    lecture_id, now = make().lecture.id, hall.services.clock.now()
    held = book(hall.engine, student, lecture_id, KEY).claim_id
    hall.settle()
    hours = {"opens_at": 5, "closes_at": 4, "starts_at": 3, "ends_at": 2}
    with hall.services.db.transaction() as session:
        over = {name: now - timedelta(hours=ago) for name, ago in hours.items()}
        session.execute(update(Lecture).where(Lecture.id == lecture_id).values(**over))
    hall.engine.sheets._known.clear()
    for refused, attempt in ((ClosedError, book), (CancelClosedError, cancel)):
        assert hall.engine.loader.unload_past() == 1
        with pytest.raises(refused):
            attempt(hall.engine, student, lecture_id, "key-00000002")
    assert hall.pending() == []
    standing = hall.engine.status.ask(held).standing
    assert standing is not None
    assert standing.state == "confirmed"
