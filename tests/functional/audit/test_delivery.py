"""Whatever dies on the way, no request fails, and no row is lost or doubled."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import gevent
import orjson
import pytest
from flask.testing import FlaskClient
from prometheus_client import REGISTRY
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.audit import recorder as recorder_module
from app.audit.rows import COLUMNS, from_message, to_message
from app.audit.storing import forget_old, store
from app.extensions import bulk
from app.extensions.broker import AUDIT, AUDIT_DEAD, Message
from app.extensions.pulse import Pulse
from app.extensions.services import Services
from consumers import audit
from ops.stack import Stack
from tests.clock import TravelClock
from tests.functional.audit.conftest import Log, until

NO_TIME = orjson.dumps({"version": 1, "rows": [[1, *["x"] * (len(COLUMNS) - 1)]]})


def ask(client: FlaskClient, count: int, name: str = "a") -> None:
    for number in range(count):
        assert client.post(f"/api/nothing/{name}{number}").status_code == 404


def paths(log: Log) -> list[str]:
    return [row.path.removeprefix("/api/nothing/") for row in log.rows()]


def test_the_broker_is_away_and_comes_back(client: FlaskClient, log: Log, stack: Stack) -> None:
    broker, running = stack.service("rabbitmq"), gevent.spawn(log.recorder.run)
    try:
        with log.consuming():
            ask(client, 3, "before")
            log.arrived(3)
            broker.kill(stay_down=True)
            ask(client, 5, "during")
            until(lambda: log.unsent() == 5)
            broker.start()
            broker.wait_ready()
            ask(client, 2, "after")
            log.arrived(10, within=120)
    finally:
        broker.start()
        broker.wait_ready()
        running.kill()
    assert sorted(paths(log)) == sorted(
        [f"before{n}" for n in range(3)] + [f"during{n}" for n in range(5)] + [f"after{n}" for n in range(2)]
    )


@contextmanager
def program(stack: Stack, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of the application, with fault points."""
    environment = {**stack.environment(), "SEATRUSH_FAULT_POINTS": "1", "PATH": os.environ["PATH"]}
    environment["PYTHONPATH"] = str(stack.config.repository)
    command = [sys.executable, "-m", *arguments]
    made = subprocess.Popen(command, env=environment, cwd=stack.config.repository)
    try:
        yield made
    finally:
        if made.poll() is None:
            made.terminate()
        made.wait(60)


def test_a_worker_that_is_stopped_leaves_nothing_behind(log: Log, stack: Stack, tmp_path: Path) -> None:
    address = tmp_path / "web.sock"
    options = ["wsgi:app", "-k", "gevent", "-w", "1", "--bind", f"unix:{address}", "-c", "gunicorn.conf.py"]
    with program(stack, "gunicorn", *options, "--no-control-socket") as web:
        until(lambda: answered(address, "GET", "/healthz") == 200, 120)
        assert answered(address, "POST", "/api/nothing/first") == 404
        until(log.waiting)  # one round of the recorder has just gone by
        for number in range(5):
            assert answered(address, "POST", f"/api/nothing/last{number}") == 404
        web.terminate()
        assert web.wait(60) == 0
    with log.consuming():
        log.arrived(6)
    assert paths(log) == ["first", *(f"last{number}" for number in range(5))]


def answered(address: Path, method: str, target: str) -> int:
    """The status of a request over a unix socket that is closed afterwards; 0 when nobody listens yet."""
    request = f"{method} {target} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(address))
            connection.sendall(request.encode())
            return int(connection.recv(64).split(b" ", 2)[1])
    except OSError:
        return 0


@pytest.mark.parametrize("point", ["audit_before_commit", "audit_after_commit"])
def test_the_consumer_is_killed_in_the_middle_of_a_batch(
    client: FlaskClient, log: Log, stack: Stack, point: str
) -> None:
    faults = stack.config.run / "faults"
    faults.mkdir(parents=True, exist_ok=True)
    (faults / point).write_text("kill")
    for number in range(4):  # four messages in one batch
        ask(client, 10, f"m{number}-")
        assert log.recorder.flush()
    with program(stack, "consumers", "audit") as first:
        assert first.wait(90) == -signal.SIGKILL
    assert len(log.rows()) == (0 if point == "audit_before_commit" else 40)
    with program(stack, "consumers", "audit"):
        log.arrived(40, within=120)
        until(lambda: log.waiting() == 0)
    assert sorted(paths(log)) == sorted(f"m{number}-{n}" for number in range(4) for n in range(10))


def test_a_message_that_comes_twice_is_stored_once(client: FlaskClient, log: Log, services: Services) -> None:
    ask(client, 3)
    log.recorder.wrap()
    (message, _), *_ = log.recorder._outbound._messages
    assert services.publisher.publish([message], 5) == set()
    log.delivered(3)
    assert sorted(paths(log)) == ["a0", "a1", "a2"]


def test_without_knowing_rows_by_their_ids_they_would_not_be_stored_at_all(
    client: FlaskClient, log: Log, services: Services
) -> None:
    """The guard off: the same insert, without skipping what is known."""
    ask(client, 1)
    log.recorder.wrap()
    rows = from_message(log.recorder._outbound._messages[0][0].body)
    with services.db.transaction() as session:
        store(session, rows)
        store(session, rows)
    with pytest.raises(IntegrityError), services.db.transaction() as session:
        bulk.run(session, bulk.insert_statement("request_log", COLUMNS), rows)


def test_mariadb_is_away_and_comes_back(
    client: FlaskClient, log: Log, stack: Stack, caplog: pytest.LogCaptureFixture
) -> None:
    ask(client, 4)
    assert log.recorder.flush()
    database = stack.service("mariadb")
    database.kill(stay_down=True)
    try:
        with log.consuming():
            until(lambda: "MariaDB away" in caplog.text)
            database.start()
            database.wait_ready()
            log.arrived(4, within=120)
    finally:
        database.start()
        database.wait_ready()
    assert paths(log) == ["a0", "a1", "a2", "a3"]


def test_the_log_waits_for_the_rush_to_end_but_not_for_ever(
    client: FlaskClient, log: Log, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    rush, put_off = {f"claim-{number}": number for number in range(audit.RUSH_CLAIMS)}, []
    on = audit._Rush.on

    def note_whether(self: audit._Rush) -> bool:
        put_off.append(on(self))
        return put_off[-1]

    monkeypatch.setattr(audit._Rush, "on", note_whether)  # it is asked when a batch would be due
    services.redis.zadd("sr:pending", rush)
    ask(client, 2, "first")
    assert log.recorder.flush()
    with log.consuming():
        until(lambda: len(put_off) >= 5)
        assert all(put_off)
        assert log.rows() == []
        services.redis.delete("sr:pending")
        log.arrived(2)
        services.redis.zadd("sr:pending", rush)
        monkeypatch.setattr(audit, "RUSH_S", 0.0)
        ask(client, 2, "second")
        assert log.recorder.flush()
        log.arrived(4)


def test_a_rush_that_makes_no_claims_is_one_too(services: Services, tmp_path: Path) -> None:
    """Everybody is refused: nothing is pending, and the machine is as busy."""
    web = Pulse(tmp_path)
    web.beat("web", {})
    assert not audit._Rush(services.redis, tmp_path).on()
    for _ in range(2 * audit.RUSH_ANSWERS):
        web.answered(409, 0.01)
    web.beat("web", {})
    assert audit._Rush(services.redis, tmp_path).on()


@pytest.mark.parametrize(
    "body", [b"rubbish", b"[]", b'{"version":9,"rows":[]}', b'{"version":1,"rows":[[1]]}', NO_TIME]
)
def test_poison_goes_to_the_dead_letters_and_nobody_waits_for_it(
    client: FlaskClient, log: Log, services: Services, body: bytes
) -> None:
    assert services.publisher.publish([Message("", AUDIT, "poison", body)], 5) == set()
    ask(client, 2)
    log.delivered(2)
    until(lambda: log.waiting(AUDIT_DEAD) == 1)
    assert log.waiting() == 0


def test_a_row_that_no_table_takes_goes_there_too(client: FlaskClient, log: Log, services: Services) -> None:
    ask(client, 1)
    log.recorder.wrap()
    row = from_message(log.recorder._outbound._messages[0][0].body)[0]
    bad = [row[0] + 1, None, *row[2:]]
    assert services.publisher.publish([Message("", AUDIT, "poison", to_message([bad]))], 5) == set()
    log.delivered(1)
    until(lambda: log.waiting(AUDIT_DEAD) == 1)
    assert paths(log) == ["a0"]


def test_full_buffers_drop_the_oldest_and_count_them(
    client: FlaskClient, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost() -> float:
        return REGISTRY.get_sample_value("seatrush_audit_lost_total") or 0.0

    before = lost()
    monkeypatch.setattr(recorder_module, "MOST_BYTES", 2000)
    ask(client, 3, "old")
    log.recorder.wrap()
    ask(client, 3, "new")
    log.recorder.wrap()
    assert lost() - before == 3
    log.delivered(3)
    assert paths(log) == ["new0", "new1", "new2"]


def test_old_rows_are_forgotten(client: FlaskClient, log: Log, services: Services, clock: TravelClock) -> None:
    ask(client, 3)
    log.delivered(3)
    assert forget_old(services.db, clock, 30) == 0
    clock.advance(31 * 86_400)
    assert forget_old(services.db, clock, 30) == 3
    assert log.rows() == []


def test_the_list_reads_an_index(log: Log, services: Services) -> None:
    for column, value in (("account_id", 7), ("request_id", "'aa'"), ("at", "'2026-01-01'")):
        query = f"EXPLAIN SELECT * FROM request_log WHERE {column} = {value} ORDER BY at DESC, id DESC LIMIT 51"
        with services.db.transaction() as session:
            found = session.execute(text(query)).mappings().one()
        assert found["key"], (column, orjson.dumps(dict(found), default=str))
