"""Lectures for the bench, put straight into MariaDB and shown to Redis; and the requests that claim them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import insert

from app.admission.claims import claim_id
from app.admission.outbox import Effects, append
from app.admission.resizing import Change, create_pool
from app.lectures.models import KIND, Lecture
from ops.bench.baseline.models import BenchLecture
from ops.bench.rig import Rig, Student
from ops.bench.shooting import BenchError, Shot

Offerings = dict[int, int]  # lecture id → seats


def open_lectures(rig: Rig, count: int, capacity: int) -> Offerings:
    """Lectures that opened an hour ago, each with `capacity` seats and no waiting list."""
    services, now = rig.services, rig.services.clock.now()
    ids = [services.ids.next_id() for _ in range(count)]
    effects = Effects(offerings=[(KIND, number) for number in ids])
    with services.db.transaction() as session:
        for number in ids:
            session.add(
                Lecture(
                    id=number,
                    title=f"Bench {number}",
                    speaker="Prof. Load",
                    summary="",
                    place=f"Hall {number}",
                    starts_at=now + timedelta(days=1),
                    ends_at=now + timedelta(days=1, hours=2),
                    opens_at=now - timedelta(hours=1),
                    closes_at=now + timedelta(hours=5),
                    state="published",
                    audience={"mode": "none"},
                    capacity=capacity,
                    waitlist_capacity=0,
                    created_by=1,
                )
            )
            create_pool(session, services.ids.next_id(), Change(KIND, number, "0", capacity, 0))
        append(session, services.ids, effects)
    if not rig.engine.applier.apply(effects):
        raise BenchError("Redis did not take the bench's lectures")
    return dict.fromkeys(ids, capacity)


def open_baseline(rig: Rig, count: int, capacity: int, taken: int = 0) -> Offerings:
    """The same for the baseline's own table."""
    now = rig.services.clock.now().replace(tzinfo=None)
    ids = [rig.services.ids.next_id() for _ in range(count)]
    window = {"opens_at": now - timedelta(hours=1), "closes_at": now + timedelta(hours=5)}
    rows = [{"id": number, "capacity": capacity, "taken": taken, **window} for number in ids]
    with rig.services.db.transaction() as session:
        session.execute(insert(BenchLecture), rows)
    return dict.fromkeys(ids, capacity)


def booking(rig: Rig, student: Student, lecture_id: int) -> Shot:
    """A request that claims a seat, and the id that its claim will have."""
    key = rig.next_key()
    claim = claim_id(student.account_id, "book", KIND, lecture_id, key)
    return Shot("POST", f"/api/lectures/{lecture_id}/bookings", student.token, key, claim)


def bookings(rig: Rig, students: Sequence[Student], offerings: Offerings) -> list[Shot]:
    """One claim for each student, over the lectures in turn: every (student, lecture) pair is new."""
    lectures = list(offerings)
    return [booking(rig, student, lectures[at % len(lectures)]) for at, student in enumerate(students)]


def plain(rig: Rig, students: Sequence[Student], offerings: Offerings, form: str) -> list[Shot]:
    """The same requests to another application; `form` has a place for the lecture's id."""
    lectures = list(offerings)
    return [
        Shot("POST", form.format(lectures[at % len(lectures)]), student.token, rig.next_key())
        for at, student in enumerate(students)
    ]
