"""The command line, as its own process, on real servers."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.auth.demo import PASSWORD
from app.auth.models import Account
from app.auth.permissions import Role
from app.extensions.services import Services
from app.org.models import College, SchoolClass, Student, Teacher
from ops.stack import Stack


@pytest.fixture
def run(stack: Stack, services: Services):
    """Run one command over empty tables."""

    def command(*arguments: str, module: str = "app.cli", **environment: str) -> subprocess.CompletedProcess[str]:
        settings = {**stack.environment(), "PATH": "/usr/bin:/bin", **environment}
        whole = [sys.executable, "-m", module, *arguments]
        folder = stack.config.repository
        return subprocess.run(whole, env=settings, cwd=folder, capture_output=True, text=True, check=False)

    return command


def count(services: Services, model: type) -> int:
    with services.db.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_migrate_twice(run) -> None:
    for _ in range(2):
        done = run("migrate")
        assert done.returncode == 0, done.stderr


def test_seeding_is_repeatable_and_grows(run, services: Services, client: FlaskClient) -> None:
    assert "40 of them new" in run("seed-demo", "--students", "40").stderr
    places = [count(services, model) for model in (College, SchoolClass, Teacher)]
    assert places[0] == 12
    assert places[2] == 100
    assert "0 of them new" in run("seed-demo", "--students", "40").stderr
    assert "20 of them new" in run("seed-demo", "--students", "60").stderr
    assert [count(services, model) for model in (College, SchoolClass, Teacher)] == places
    assert count(services, Student) == 60
    for username in ("s00001", "s00060", "t001", "t100", "manager", "admin", "checkin"):
        answer = client.post("/api/auth/login", json={"username": username, "password": PASSWORD})
        assert answer.status_code == 200, username
    assert answer.json["user"]["permissions"] == ["checkin"]


def test_a_small_campus_is_the_beginning_of_a_large_one(run, services: Services) -> None:
    def names() -> list[str]:
        with services.db.reading() as session:
            students = select(Account.display_name).where(Account.role == Role.STUDENT.value)
            return list(session.scalars(students.order_by(Account.username)))

    run("seed-demo", "--students", "10")
    few = names()
    run("seed-demo", "--students", "30")
    assert names()[:10] == few


def test_thirty_thousand_in_seconds(run, services: Services) -> None:
    started = time.perf_counter()
    done = run("seed-demo")
    seconds = time.perf_counter() - started
    assert done.returncode == 0, done.stderr
    assert count(services, Student) == 30_000
    # 8 s on a machine of two cores, catalogue included; promised is under a minute, and this one has other tests to run.
    assert seconds < 120, seconds
    tokens = run("tokens", "--students", "30000").stdout.split()
    assert len(set(tokens)) == 30_000


def test_tokens_are_good(run, client: FlaskClient, clock) -> None:
    run("seed-demo", "--students", "5")
    for arguments, module in ((("tokens",), "app.cli"), (("--app", "wsgi", "demo", "tokens"), "flask")):
        tokens = run(*arguments, "--students", "3", "--ttl", "60", module=module).stdout.split()
        assert len(tokens) == 3
        names = [
            client.get("/api/me", headers={"Authorization": f"Bearer {token}"}).json["username"] for token in tokens
        ]
        assert names == ["s00001", "s00002", "s00003"]
    clock.advance(61)
    assert client.get("/api/me", headers={"Authorization": f"Bearer {tokens[0]}"}).json["code"] == "token_expired"


@pytest.mark.parametrize("command", [("seed-demo", "--students", "1"), ("tokens",)])
def test_never_in_production(run, services: Services, command: tuple[str, ...]) -> None:
    done = run(*command, SEATRUSH_MODE="production")
    assert done.returncode != 0
    assert "production" in done.stderr
    assert done.stdout == ""
    assert count(services, Account) == 0


def test_creating_accounts(run, client: FlaskClient) -> None:
    done = run("create-manager", "Boss", "--name", "老板")
    assert done.returncode == 0, done.stderr
    password = done.stdout.strip().rsplit(" ", 1)[1]
    answer = client.post("/api/auth/login", json={"username": "boss", "password": password})
    assert answer.json["user"]["role"] == "manager"
    assert answer.json["user"]["display_name"] == "老板"
    taken = run("create-account", "boss", "--role", "checkin")
    assert taken.returncode != 0
    assert "is taken" in taken.stderr
    assert "at least 10" in run("create-account", "x", "--role", "teacher", "--password", "short").stderr
    assert run("create-account", "é", "--role", "teacher").returncode != 0


def test_missing_settings_are_named(run) -> None:
    done = run("migrate", SEATRUSH_DATABASE_URL="sqlite://")
    assert done.returncode != 0
    assert "SEATRUSH_DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr
