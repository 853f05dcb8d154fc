"""MariaDB dies or falls silent in the middle of a batch: the queue keeps the claims until it answers."""

from __future__ import annotations

from tests.campus import Campus
from tests.campus.loads import Load


def test_mariadb_is_killed_in_the_middle_of_a_batch(campus: Campus) -> None:
    mariadb = campus.service("mariadb")
    with campus.load() as load:
        campus.until(load.told, "a first decision")
        mariadb.pause()  # whatever transaction runs now is cut in two
        others_come(campus, load)
        mariadb.kill()
        mariadb.wait_ready()
    assert campus.verify(*load) == []


def test_mariadb_is_away_when_a_batch_begins(campus: Campus) -> None:
    mariadb = campus.service("mariadb")
    with campus.load() as load:
        campus.until(load.told, "a first decision")
        campus.fault("before_commit", "sleep 0.5")
        campus.fault_met("before_commit")
        mariadb.kill(stay_down=True)
        others_come(campus, load)
        mariadb.start()
        mariadb.wait_ready()
    assert campus.verify(*load) == []


def test_mariadb_is_paused(campus: Campus) -> None:
    mariadb = campus.service("mariadb")
    with campus.load() as load:
        campus.until(load.told, "a first decision")
        mariadb.pause()
        others_come(campus, load)
        mariadb.resume()
    assert campus.verify(*load) == []


def others_come(campus: Campus, load: Load) -> None:
    """Wait until some more students of both kinds have come."""
    before = load.come()
    campus.until(lambda: load.come() >= before + 30, "more students")
