"""Signing in, over HTTP, on real servers."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import gevent
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.auth.login import open_for
from app.auth.models import Account, LoginSession
from app.auth.permissions import Role
from app.auth.sessions import SignedIn
from app.extensions.redis import connect_redis
from app.extensions.services import Services
from app.factory import create_app
from tests.clock import TravelClock
from tests.factories import PASSWORD, bearer, make_account, make_place, make_student

LOGIN = "/api/auth/login"


def sign_in(client: FlaskClient, username: str, password: str = PASSWORD, address: str = "10.0.0.1"):
    return client.post(LOGIN, json={"username": username, "password": password}, headers={"X-Real-IP": address})


def stored(services: Services, account: Account) -> Account:
    with services.db.transaction() as session:
        return session.get_one(Account, account.id)


def test_student_signs_in(client: FlaskClient, services: Services) -> None:
    place = make_place(services)
    student = make_student(services, place, username="s00001")
    answer = sign_in(client, " S00001 ")
    assert answer.status_code == 200
    body = answer.json
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 900)
    assert body["user"]["id"] == str(student.id)
    assert body["user"]["permissions"] == ["claims:own"]
    assert body["user"]["student"]["class_id"] == str(place.class_id)
    assert answer.headers["Cache-Control"] == "no-store"
    me = client.get("/api/me", headers={"Authorization": f"Bearer {body['access_token']}"})
    assert me.json == body["user"]
    assert stored(services, student).last_login is not None


def test_token_carries_the_standing(client: FlaskClient, services: Services) -> None:
    place = make_place(services, grade=2025)
    make_student(services, place, username="s00001")
    token = sign_in(client, "s00001").json["access_token"]
    actor = client.application.extensions["seatrush.identity"].tokens.verify(token)
    assert actor.student is not None
    assert (actor.student.class_id, actor.student.college_id) == (place.class_id, place.college_id)
    assert (actor.student.major_id, actor.student.department_id) == (place.major_id, place.department_id)
    assert actor.student.grade == 2025


@pytest.mark.parametrize("role", list(Role))
def test_every_role_sees_its_permissions(client: FlaskClient, services: Services, role: Role) -> None:
    account = make_account(services, role)
    body = client.get("/api/me", headers=bearer(services, account)).json
    assert body["role"] == role.value
    assert body["student"] is None


@pytest.mark.parametrize("cookie_scheme", ["http", "https"])
def test_refresh_cookie_is_out_of_reach(client: FlaskClient, services: Services, cookie_scheme: str) -> None:
    account = make_account(services)
    answer = client.post(
        LOGIN,
        json={"username": account.username, "password": PASSWORD},
        headers={"X-Forwarded-Proto": cookie_scheme},
    )
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Path=/api/auth" in cookie
    assert ("Secure" in cookie) == (cookie_scheme == "https")
    assert "refresh" not in answer.json


def test_unknown_name_and_wrong_password_say_the_same(client: FlaskClient, services: Services) -> None:
    account = make_account(services)
    answers = [sign_in(client, account.username, "wrong"), sign_in(client, "nobody"), sign_in(client, "ünknown")]
    assert {answer.status_code for answer in answers} == {401}
    assert len({(answer.json["code"], answer.json["detail"]) for answer in answers}) == 1
    assert answers[0].json["code"] == "invalid_credentials"


def test_disabled_account_is_told_only_to_who_knows_the_password(client: FlaskClient, services: Services) -> None:
    account = make_account(services, status="disabled")
    assert sign_in(client, account.username, "wrong").json["code"] == "invalid_credentials"
    answer = sign_in(client, account.username)
    assert (answer.status_code, answer.json["code"]) == (403, "account_disabled")


def test_deleted_account_is_nobody(client: FlaskClient, services: Services) -> None:
    account = make_account(services, is_deleted=True)
    assert sign_in(client, account.username).json["code"] == "invalid_credentials"


def test_legacy_md5_is_rehashed_at_the_first_login(client: FlaskClient, services: Services) -> None:
    old = hashlib.md5(b"saltold password").hexdigest()
    account = make_account(services, password_hash=None, legacy_hash=old, legacy_salt="salt")
    assert sign_in(client, account.username, "not it").status_code == 401
    assert stored(services, account).legacy_hash == old
    assert sign_in(client, account.username, "old password").status_code == 200
    now = stored(services, account)
    assert (now.legacy_hash, now.legacy_salt) == (None, None)
    assert now.password_hash is not None
    assert now.password_hash.startswith("$argon2id$")
    assert sign_in(client, account.username, "old password").status_code == 200


def test_a_rehash_does_not_bring_back_what_was_replaced_meanwhile(
    client: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The office gives a new password between the look at the old one and its rehash."""
    old = hashlib.md5(b"saltold password").hexdigest()
    student = make_student(services, password_hash=None, legacy_hash=old, legacy_salt="salt")
    boss = bearer(services, make_account(services, Role.MANAGER))
    given: list[str] = []

    def late(*of: Any) -> SignedIn:
        other = client.application.test_client()
        answer = other.post(f"/api/manage/students/{student.id}/reset-password", headers=boss)
        given.append(answer.json["password"])
        return open_for(*of)

    monkeypatch.setattr("app.auth.login.open_for", late)
    sign_in(client, student.username, "old password")
    monkeypatch.undo()
    assert sign_in(client, student.username, "old password").status_code == 401
    assert sign_in(client, student.username, given[0]).status_code == 200


def test_guessing_one_name_is_limited_even_all_at_once(
    client: FlaskClient, services: Services, clock: TravelClock
) -> None:
    account = make_account(services)
    _start_of_minute(clock)
    app = client.application

    def guess(number: int) -> int:
        return sign_in(app.test_client(), account.username, f"guess {number}", f"10.1.1.{number}").status_code

    jobs = [gevent.spawn(guess, number) for number in range(25)]
    gevent.joinall(jobs, raise_error=True)
    codes = [job.value for job in jobs]
    assert codes.count(401) == services.settings.login_attempts_per_minute
    assert codes.count(429) == 25 - codes.count(401)
    refused = sign_in(client, account.username)
    assert refused.json["code"] == "too_many_attempts"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    clock.advance(60)
    assert sign_in(client, account.username).status_code == 200


def test_one_address_is_limited_but_not_by_its_successes(
    client: FlaskClient, services: Services, clock: TravelClock
) -> None:
    _start_of_minute(clock)
    limits = client.application.extensions["seatrush.identity"].limits
    account = make_account(services)
    for _ in range(services.settings.login_attempts_per_minute + 5):
        assert sign_in(client, account.username).status_code == 200
    for number in range(200):
        limits.charge(f"victim{number}", "10.0.0.9")
    assert sign_in(client, account.username, address="10.0.0.9").json["code"] == "too_many_attempts"
    assert sign_in(client, account.username, address="10.0.0.8").status_code == 200


def test_limit_holds_without_redis(services: Services, clock: TravelClock) -> None:
    _start_of_minute(clock)
    away = replace(services, redis=connect_redis("redis://127.0.0.1:1/0"))
    client = create_app(services=away).test_client()
    account = make_account(services)
    assert sign_in(client, account.username).status_code == 200
    codes = [sign_in(client, account.username, "wrong").status_code for _ in range(12)]
    assert codes == [401] * 10 + [429] * 2


def test_expired_sessions_are_forgotten(client: FlaskClient, services: Services, clock: TravelClock) -> None:
    account = make_account(services)
    sign_in(client, account.username)
    clock.advance(services.settings.refresh_token_ttl.total_seconds() + 1)
    sign_in(client, account.username)
    with services.db.reading() as session:
        assert len(session.scalars(select(LoginSession)).all()) == 1


def _start_of_minute(clock: TravelClock) -> None:
    """So that a slow machine does not cross into the next window in the middle."""
    clock.advance(60 - clock.epoch_ms() / 1000 % 60)
