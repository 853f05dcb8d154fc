"""A web worker or the consumer is killed at each step of a claim's way; supervisor and gunicorn start it again."""

from __future__ import annotations

import pytest

from tests.campus import Campus


@pytest.mark.parametrize("point", ["after_admit", "after_mark", "after_confirm"])
def test_a_web_worker_is_killed(campus: Campus, kind: str, point: str) -> None:
    with campus.load_of(kind) as crowd:
        campus.fault(point, "kill")
        campus.fault_met(point)
    assert campus.verify(crowd) == []


def test_a_web_worker_is_killed_at_the_spool(campus: Campus, kind: str) -> None:
    """Before the claim is on the disk, and after it, with the broker away."""
    broker = campus.service("rabbitmq")
    with campus.load_of(kind) as crowd:
        broker.kill(stay_down=True)
        for point in ("before_spool", "after_spool"):
            campus.fault(point, "kill")
            campus.fault_met(point)
        broker.start()
        broker.wait_ready()
    assert campus.verify(crowd) == []


@pytest.mark.parametrize("point", ["before_commit", "after_commit", "after_ack", "before_effects"])
def test_the_consumer_is_killed(campus: Campus, kind: str, point: str) -> None:
    with campus.load_of(kind) as crowd:
        campus.fault(point, "kill")
        campus.fault_met(point)
    assert campus.verify(crowd) == []


def test_all_programs_are_killed_at_once(campus: Campus, kind: str) -> None:
    with campus.load_of(kind) as crowd:
        campus.until(lambda: any(wish.state for wish in crowd.wishes), "a first decision")
        for name in ("web", "claims", "maintenance"):
            campus.service(name).kill()
    assert campus.verify(crowd) == []
