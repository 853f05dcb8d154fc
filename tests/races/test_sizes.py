"""The size of what students ask for changes meanwhile; seats are reserved for some of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import gevent
from sqlalchemy import select

from app.admission.models import ClaimRow
from app.admission.resizing import pools_of
from app.catalogue.models import KIND as SECTION
from ops.drills.crowd import Crowd
from ops.drills.visits import visit
from ops.drills.wishes import Answer
from tests.campus import Campus


def test_capacity_is_raised_and_lowered_while_students_book_and_cancel(campus: Campus) -> None:
    lecture = campus.lecture(capacity=30, waitlist=50)
    crowd, token = campus.crowd(), campus.manager()
    visits = [partial(visit, crowd, one, lecture, cancels=0.5) for one in campus.students(300)]
    running = gevent.spawn(crowd.everyone, visits, at_once=60)
    answers = list(edits(crowd, token, lecture, running))
    running.get()
    assert campus.verify(crowd) == []
    assert Counter(answer.status for answer in answers).keys() <= {200, 409}
    assert any(answer.status == 200 for answer in answers)
    with campus.services.db.transaction() as session:
        stored = pools_of(session, "lecture", lecture)["0"].capacity
    assert stored == next(answer.body["capacity"] for answer in reversed(answers) if answer.status == 200)


def edits(crowd: Crowd, token: str, lecture: int, running: gevent.Greenlet[Any, Any]) -> Iterator[Any]:
    """A manager who can't decide."""
    sizes = [60, 20, 45, 10, 80, 35, 90, 25, 50, 70]
    for size in sizes:
        yield crowd.manage(token, "PATCH", f"lectures/{lecture}", {"capacity": size})
        gevent.sleep(0.1)
    while not running.ready():
        yield crowd.manage(token, "PATCH", f"lectures/{lecture}", {"capacity": crowd.random.randint(20, 90)})
        gevent.sleep(0.2)


def lowered_under_claims_on_their_way(campus: Campus, crowd: Crowd) -> Answer:
    """Ten seats are promised and none is settled yet: a manager wants to take five away."""
    section, consumer = campus.section(campus.term(), capacity=10), campus.service("claims")
    consumer.pause()
    wishes = [crowd.wish(student, section, kind=SECTION) for student in campus.students(10)]
    running = [gevent.spawn(crowd.pursue, wish) for wish in wishes]
    campus.until(lambda: all(wish.promised for wish in wishes), "ten promises")
    answer = crowd.manage(campus.manager(), "PATCH", f"sections/{section}", {"capacity": 5})
    consumer.resume()
    gevent.joinall(running, raise_error=True)
    return answer


def test_seats_that_are_promised_are_not_taken_away(campus: Campus) -> None:
    crowd = campus.crowd()
    answer = lowered_under_claims_on_their_way(campus, crowd)
    assert (answer.status, answer.refused) == (409, "capacity_taken")
    assert campus.verify(crowd) == []
    assert {wish.state for wish in crowd.wishes} == {"confirmed"}


def test_withdrawal_off_who_was_promised_a_seat_gets_none(campus: Campus) -> None:
    crowd = campus.crowd()
    with campus.lua_without("withdraw_free"):
        assert lowered_under_claims_on_their_way(campus, crowd).status == 200
    assert campus.verify(crowd) == []
    assert Counter(wish.state for wish in crowd.wishes) == {"confirmed": 5, "rejected": 5}


def test_reserved_seats_go_to_those_they_are_reserved_for(campus: Campus) -> None:
    """30 of 50 seats are kept for one college: its students take these first, then from the general ones."""
    ours, others = campus.students(60, "外国语学院"), campus.students(100)
    crowd = campus.crowd()
    lecture = reserved_lecture(campus, crowd, capacity=50, waitlist=10)
    crowd.everyone(partial(visit, crowd, one, lecture, cancels=0.0) for one in [*others, *ours])
    assert campus.verify(crowd) == []
    with campus.services.db.transaction() as session:
        pools = pools_of(session, "lecture", lecture)
        holders = session.scalars(select(ClaimRow.user_id).where(ClaimRow.offering_id == lecture, ClaimRow.pool != "0"))
        assert set(holders) <= {student.id for student in ours}
    assert {name: pool.taken for name, pool in pools.items()} == {name: pool.capacity for name, pool in pools.items()}
    assert sorted(pool.capacity for pool in pools.values()) == [20, 30]


def test_reserved_seats_that_come_free_go_to_those_who_wait_for_them(campus: Campus) -> None:
    """Half of those who have them leave: no student of the college waits while a seat of theirs is free."""
    ours, others = campus.students(60, "外国语学院"), campus.students(40)
    crowd = campus.crowd()
    lecture = reserved_lecture(campus, crowd, capacity=32, waitlist=60)
    visits = [partial(visit, crowd, one, lecture, cancels=0.5) for one in ours]
    crowd.everyone([*visits, *(partial(visit, crowd, one, lecture, cancels=0.0) for one in others)])
    assert campus.verify(crowd) == []
    with campus.services.db.transaction() as session:
        promoted = select(ClaimRow.user_id).where(
            ClaimRow.offering_id == lecture, ClaimRow.pool == "r1", ClaimRow.reason == "promoted"
        )
        heirs = set(session.scalars(promoted))
    assert heirs
    assert heirs <= {student.id for student in ours}


def reserved_lecture(campus: Campus, crowd: Crowd, *, capacity: int, waitlist: int) -> int:
    """So many seats, 30 of them for one college."""
    now, college = datetime.now(UTC), str(campus.place("外国语学院").college_id)
    created = crowd.manage(
        campus.manager(),
        "POST",
        "lectures",
        {
            "title": "Reserved",
            "speaker": "Ada",
            "place": f"Hall {now.timestamp()}",
            "opens_at": (now - timedelta(minutes=1)).isoformat(),
            "closes_at": (now + timedelta(hours=1)).isoformat(),
            "starts_at": (now + timedelta(days=1)).isoformat(),
            "ends_at": (now + timedelta(days=1, hours=1)).isoformat(),
            "capacity": capacity,
            "waitlist_capacity": waitlist,
            "reservations": [{"name": "Languages", "seats": 30, "colleges": [college]}],
        },
    )
    assert created.status == 201, created.body
    lecture = int(created.body["id"])
    campus.until(lambda: campus.live_seats(lecture), "the lecture in Redis")
    return lecture
