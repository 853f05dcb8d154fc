"""A web worker or the consumer is killed at each step of a claim's way; supervisor and gunicorn start it again."""

from __future__ import annotations

import pytest

from tests.campus import Campus


@pytest.mark.parametrize("point", ["after_admit", "after_mark", "after_confirm"])
def test_a_web_worker_is_killed(campus: Campus, point: str) -> None:
    with campus.load() as load:
        campus.fault(point, "kill")
        campus.fault_met(point)
    assert campus.verify(*load) == []


def test_a_web_worker_is_killed_at_the_spool(campus: Campus) -> None:
    """Before the claim is on the disk, and after it, with the broker away."""
    broker = campus.service("rabbitmq")
    with campus.load() as load:
        broker.kill(stay_down=True)
        for point in ("before_spool", "after_spool"):
            campus.fault(point, "kill")
            campus.fault_met(point)
        broker.start()
        broker.wait_ready()
    assert campus.verify(*load) == []


@pytest.mark.parametrize("point", ["before_commit", "after_commit", "after_ack", "before_effects"])
def test_the_consumer_is_killed(campus: Campus, point: str) -> None:
    with campus.load() as load:
        campus.fault(point, "kill")
        campus.fault_met(point)
    assert campus.verify(*load) == []


def test_all_programs_are_killed_at_once(campus: Campus) -> None:
    with campus.load() as load:
        campus.until(load.told, "a first decision")
        for name in ("web", "claims", "maintenance"):
            campus.service(name).kill()
    assert campus.verify(*load) == []
