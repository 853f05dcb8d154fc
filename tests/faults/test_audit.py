"""The audit log under load: the process that stores it is killed, the broker goes; each request is in it once."""

from __future__ import annotations

import pytest
import requests
from sqlalchemy import func, select

from app.audit.models import RequestLog
from ops.drills.crowd import Crowd
from ops.drills.wishes import LOST
from tests.campus import Campus


def rows_of(campus: Campus, path: str) -> int:
    """Rows whose address begins like that."""
    with campus.services.db.transaction() as session:
        return session.scalar(select(func.count(RequestLog.id)).where(RequestLog.path.startswith(path))) or 0


def noted(campus: Campus, crowd: Crowd) -> tuple[int, int]:
    """(rows of the crowd's bookings and cancellations, how many of those were answered)."""
    answers = [answer.status for wish in crowd.wishes for answer in wish.answers]
    assert LOST not in answers
    lectures = {wish.lecture_id for wish in crowd.wishes}
    return sum(rows_of(campus, f"/api/lectures/{lecture}/") for lecture in lectures), len(answers)


def complete(campus: Campus, crowd: Crowd) -> bool:
    rows, answered = noted(campus, crowd)
    return rows == answered > 0


def everything_came(campus: Campus, crowd: Crowd) -> None:
    """Every request is there, and still none twice when a later one has come: the queue keeps the order."""
    campus.until(lambda: complete(campus, crowd), "every request in the log", within=60)
    later = f"/api/nothing/{crowd.wishes[0].lecture_id}"
    requests.post(f"http://127.0.0.1:{campus.stack.config.ports.http}{later}", timeout=15)
    campus.until(lambda: rows_of(campus, later) == 1, "the later one")
    assert complete(campus, crowd)


@pytest.mark.parametrize("point", ["audit_before_commit", "audit_after_commit"])
def test_maintenance_is_killed_while_it_stores(campus: Campus, point: str) -> None:
    with campus.load() as load:
        campus.fault(point, "kill")
    campus.fault_met(point, within=90)  # nothing is stored while many claims are pending, for a minute at most
    assert campus.verify(*load) == []
    everything_came(campus, load.lectures)


def test_the_broker_is_killed_and_nobody_notices(campus: Campus) -> None:
    broker = campus.service("rabbitmq")
    with campus.load(per_second=10) as load:  # or the log would be put off
        campus.until(lambda: noted(campus, load.lectures)[0], "a first row")
        broker.kill(stay_down=True)
        before = load.promised()
        campus.until(lambda: load.promised() >= before + 10, "requests that the broker does not hear of")
        broker.start()
        broker.wait_ready()
    assert campus.verify(*load) == []
    everything_came(campus, load.lectures)
