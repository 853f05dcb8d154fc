"""The audit log under load: the process that stores it is killed, the broker goes; each request is in it once."""

from __future__ import annotations

import gevent
import pytest
from sqlalchemy import func, select

from app.audit.models import RequestLog
from tests.campus import Campus
from tests.crowd import LOST, Crowd


def rows_of(campus: Campus, path: str) -> int:
    """Rows whose address begins like that."""
    with campus.services.db.transaction() as session:
        return session.scalar(select(func.count(RequestLog.id)).where(RequestLog.path.startswith(path))) or 0


def noted(campus: Campus, crowd: Crowd) -> tuple[int, int]:
    """(rows of the crowd's bookings and cancellations, how many of those were answered)."""
    answers = [answer.status for wish in crowd.wishes for answer in wish.answers]
    assert LOST not in answers
    return rows_of(campus, f"/api/lectures/{crowd.wishes[0].lecture_id}/"), len(answers)


def complete(campus: Campus, crowd: Crowd) -> bool:
    rows, answered = noted(campus, crowd)
    return rows == answered > 0


@pytest.mark.parametrize("point", ["audit_before_commit", "audit_after_commit"])
def test_maintenance_is_killed_while_it_stores(campus: Campus, point: str) -> None:
    with campus.steady_load() as crowd:
        campus.fault(point, "kill")
        campus.fault_met(point)
    assert campus.verify(crowd) == []
    campus.until(lambda: complete(campus, crowd), "every request in the log")
    gevent.sleep(2)  # whatever else is under way would make it too many
    assert complete(campus, crowd)


def test_the_broker_is_killed_and_nobody_notices(campus: Campus) -> None:
    broker = campus.service("rabbitmq")
    with campus.steady_load() as crowd:
        campus.until(lambda: noted(campus, crowd)[0], "a first row")
        broker.kill(stay_down=True)
        gevent.sleep(2)
        broker.start()
        broker.wait_ready()
    assert campus.verify(crowd) == []
    campus.until(lambda: complete(campus, crowd), "every request in the log", within=60)
