"""MariaDB dies or falls silent in the middle of a batch: the queue keeps the claims until it answers."""

from __future__ import annotations

import gevent

from tests.campus import Campus


def test_mariadb_is_killed_in_the_middle_of_a_batch(campus: Campus) -> None:
    mariadb = campus.service("mariadb")
    with campus.steady_load() as crowd:
        campus.until(lambda: any(wish.state for wish in crowd.wishes), "a first decision")
        mariadb.pause()  # whatever transaction runs now is cut in two
        gevent.sleep(0.5)
        mariadb.kill()
        mariadb.wait_ready()
    assert campus.verify(crowd) == []


def test_mariadb_is_away_when_a_batch_begins(campus: Campus) -> None:
    mariadb = campus.service("mariadb")
    with campus.steady_load() as crowd:
        campus.until(lambda: any(wish.state for wish in crowd.wishes), "a first decision")
        campus.fault("before_commit", "sleep 0.5")
        campus.fault_met("before_commit")
        mariadb.kill(stay_down=True)
        gevent.sleep(1)
        mariadb.start()
        mariadb.wait_ready()
    assert campus.verify(crowd) == []


def test_mariadb_is_paused(campus: Campus) -> None:
    mariadb = campus.service("mariadb")
    with campus.steady_load() as crowd:
        campus.until(lambda: any(wish.state for wish in crowd.wishes), "a first decision")
        mariadb.pause()
        gevent.sleep(3)
        mariadb.resume()
    assert campus.verify(crowd) == []
