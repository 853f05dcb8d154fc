"""Refresh rotation, reuse, racing tabs, logout."""

from __future__ import annotations

import gevent
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.auth.models import Account, RefreshToken
from app.extensions.services import Services
from tests.clock import TravelClock
from tests.factories import PASSWORD, make_account

NAME = "seatrush_refresh"


def cookie_of(answer: TestResponse) -> str:
    return answer.headers["Set-Cookie"].split(";")[0].removeprefix(f"{NAME}=")


def refresh(client: FlaskClient, token: str | None, **headers: str) -> TestResponse:
    """As a browser that holds exactly this cookie."""
    fresh = client.application.test_client()
    fresh.environ_base.update(client.environ_base)
    if token:
        fresh.set_cookie(NAME, token, path="/api/auth")
    return fresh.post("/api/auth/refresh", headers=headers)


@pytest.fixture
def account(services: Services) -> Account:
    return make_account(services)


@pytest.fixture
def first(client: FlaskClient, account: Account) -> str:
    """The refresh token of a new session."""
    answer = client.post("/api/auth/login", json={"username": account.username, "password": PASSWORD})
    return cookie_of(answer)


def test_rotation(client: FlaskClient, first: str, account: Account) -> None:
    answer = refresh(client, first)
    assert answer.status_code == 200
    assert answer.json["user"]["id"] == str(account.id)
    assert cookie_of(answer) != first
    assert refresh(client, cookie_of(answer)).status_code == 200
    me = client.get("/api/me", headers={"Authorization": f"Bearer {answer.json['access_token']}"})
    assert me.status_code == 200


def test_two_tabs_at_once_stay_on_one_chain(client: FlaskClient, first: str, services: Services) -> None:
    jobs = [gevent.spawn(refresh, client, first) for _ in range(8)]
    gevent.joinall(jobs, raise_error=True)
    assert {job.value.status_code for job in jobs} == {200}
    assert len({cookie_of(job.value) for job in jobs}) == 1
    with services.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(RefreshToken)) == 2


def test_reuse_after_the_grace_ends_the_whole_session(client: FlaskClient, first: str, clock: TravelClock) -> None:
    second = cookie_of(refresh(client, first))
    clock.advance(11)
    stolen = refresh(client, first)
    assert (stolen.status_code, stolen.json["code"]) == (401, "token_invalid")
    assert refresh(client, second).json["code"] == "token_invalid"


def test_one_theft_does_not_end_other_sessions(
    client: FlaskClient, first: str, account: Account, clock: TravelClock
) -> None:
    other = cookie_of(client.post("/api/auth/login", json={"username": account.username, "password": PASSWORD}))
    refresh(client, first)
    clock.advance(11)
    refresh(client, first)
    assert refresh(client, other).status_code == 200


def test_expiry(client: FlaskClient, first: str, services: Services, clock: TravelClock) -> None:
    clock.advance(services.settings.refresh_token_ttl.total_seconds())
    assert refresh(client, first).json["code"] == "token_expired"


def test_nothing_and_nonsense(client: FlaskClient) -> None:
    assert refresh(client, None).json["code"] == "unauthenticated"
    assert refresh(client, "nonsense").json["code"] == "token_invalid"


def test_disabled_meanwhile(client: FlaskClient, first: str, services: Services, account: Account) -> None:
    with services.db.transaction() as session:
        session.get_one(Account, account.id).status = "disabled"
    assert refresh(client, first).json["code"] == "token_invalid"


@pytest.mark.parametrize(
    ("origin", "status"),
    [("http://localhost", 200), ("https://LOCALHOST", 200), ("https://evil.example", 403), ("null", 403)],
)
def test_other_sites_cannot_use_the_cookie(client: FlaskClient, first: str, origin: str, status: int) -> None:
    answer = refresh(client, first, Origin=origin)
    assert answer.status_code == status
    if status == 403:
        assert answer.json["code"] == "cross_site"


def test_logout_by_cookie_is_repeatable(client: FlaskClient, first: str) -> None:
    for _ in range(2):
        answer = client.post("/api/auth/logout")
        assert answer.status_code == 204
        assert f"{NAME}=;" in answer.headers["Set-Cookie"]
    assert refresh(client, first).json["code"] == "token_invalid"


def test_logout_by_access_token(client: FlaskClient, first: str) -> None:
    answer = refresh(client, first)
    bare = client.application.test_client()
    headers = {"Authorization": f"Bearer {answer.json['access_token']}"}
    assert bare.post("/api/auth/logout", headers=headers).status_code == 204
    assert refresh(client, cookie_of(answer)).json["code"] == "token_invalid"


def test_logout_with_a_token_that_is_over(client: FlaskClient, first: str, clock: TravelClock) -> None:
    """The cookie counts: a page that stood for longer than its token lives still signs out."""
    answer = client.post("/api/auth/refresh")
    token = {"Authorization": f"Bearer {answer.json['access_token']}"}
    clock.advance(901)
    assert client.application.test_client().post("/api/auth/logout", headers=token).json["code"] == "token_expired"
    left = client.post("/api/auth/logout", headers=token)
    assert left.status_code == 204
    assert f"{NAME}=;" in left.headers["Set-Cookie"]
    assert refresh(client, cookie_of(answer)).json["code"] == "token_invalid"
