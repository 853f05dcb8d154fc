"""Changing one's own password."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from app.auth.models import Account
from app.extensions.services import Services
from tests.factories import PASSWORD, make_account

NEW = "a brand new passphrase"


@pytest.fixture
def account(services: Services) -> Account:
    return make_account(services)


def sign_in(client: FlaskClient, account: Account, password: str = PASSWORD) -> dict[str, str]:
    """The Authorization header of a new session; the client keeps the cookie."""
    answer = client.post("/api/auth/login", json={"username": account.username, "password": password})
    return {"Authorization": f"Bearer {answer.json['access_token']}"}


def change(client: FlaskClient, headers: dict[str, str], old: str = PASSWORD, new: str = NEW):
    body = {"old_password": old, "new_password": new}
    return client.post("/api/auth/password", json=body, headers=headers)


def test_change_ends_other_sessions_only(client: FlaskClient, account: Account) -> None:
    elsewhere = client.application.test_client()
    sign_in(elsewhere, account)
    headers = sign_in(client, account)
    assert change(client, headers).status_code == 204
    assert elsewhere.post("/api/auth/refresh").status_code == 401
    assert client.post("/api/auth/refresh").status_code == 200
    fresh = client.application.test_client()
    assert fresh.post("/api/auth/login", json={"username": account.username, "password": PASSWORD}).status_code == 401
    sign_in(fresh, account, NEW)


def test_wrong_old_password(client: FlaskClient, account: Account) -> None:
    answer = change(client, sign_in(client, account), old="wrong")
    assert (answer.status_code, answer.json["code"]) == (403, "wrong_password")


@pytest.mark.parametrize("new", ["short", PASSWORD])
def test_weak_new_password_changes_nothing(client: FlaskClient, account: Account, new: str) -> None:
    answer = change(client, sign_in(client, account), new=new)
    assert (answer.status_code, answer.json["code"]) == (422, "password_too_weak")
    assert answer.json["minimum"] == 10
    sign_in(client, account)


def test_guessing_the_old_password_with_a_found_token_is_limited(client: FlaskClient, account: Account) -> None:
    headers = sign_in(client, account)
    codes = [change(client, headers, old=f"guess {number}").status_code for number in range(25)]
    assert 429 in codes
    assert set(codes) == {403, 429}


def test_needs_a_token(client: FlaskClient) -> None:
    assert change(client, {}).json["code"] == "unauthenticated"
