"""First passwords of whoever was imported: told once, kept nowhere, good for choosing another and for nothing else."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from app.auth import choosing
from app.auth.first_passwords import without_password
from app.auth.models import Account
from app.auth.permissions import Role
from app.auth.rules import check_password_policy
from app.org.people import first_passwords
from tests.factories import bearer, make_account, make_student
from tests.functional.exchange.conftest import STUDENTS, Office

CHOSEN = "own words, thought up"


@pytest.fixture
def campus(office: Office) -> Office:
    """Three imported students and a teacher, and a student of another class who has a password."""
    office.imported("students", STUDENTS + "".join(f"202600000{n},学生{n},软工2401班\r\n" for n in (1, 2, 3)))
    office.imported("teachers", "工号,姓名,学院\r\n000001,李老师,计算机学院\r\n")
    make_student(office.services, office.place)
    return office


def hand_out(campus: Office, path: str = "students", *, again: bool = False, status: int = 200) -> dict[str, str]:
    """Number → first password."""
    headers = {**campus.headers, "Accept-Language": "zh"}
    url = f"/api/manage/{path}/first-passwords" if "?" not in path else f"/api/manage/{path}"
    answer = campus.client.post(url, headers=headers, json={"again": again})
    assert answer.status_code == status
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Accel-Buffering"] == "no"  # Nginx would write it to disk
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0][-1] == "初始密码"
    return {row[0]: row[-1] for row in rows[1:]}


def sign_in(client: FlaskClient, username: str, password: str) -> tuple[int, Any]:
    answer = client.post("/api/auth/login", json={"username": username, "password": password})
    return answer.status_code, answer.json.get("code")


def choose(client: FlaskClient, username: str, first: str, new: str = CHOSEN) -> tuple[int, Any]:
    body = {"username": username, "first_password": first, "new_password": new}
    answer = client.post("/api/auth/first-password", json=body)
    return answer.status_code, answer.json.get("code")


def test_it_opens_nothing_but_the_choice_of_another(campus: Office, client: FlaskClient) -> None:
    first = hand_out(campus)["2026000001"]
    assert sign_in(client, "2026000001", first) == (403, "password_to_choose")
    assert sign_in(client, "2026000001", first + "x") == (401, "invalid_credentials")
    assert choose(client, "2026000001", first + "x") == (401, "invalid_credentials")
    assert choose(client, "2026000001", first, "short") == (422, "password_too_weak")
    for same in (first, first.upper(), f"{first} "):
        assert choose(client, "2026000001", first, same) == (422, "password_too_weak")
    assert choose(client, "2026000001", f" {first.upper()} ") == (200, None)
    assert sign_in(client, "2026000001", CHOSEN) == (200, None)
    # used up
    assert choose(client, "2026000001", first) == (401, "invalid_credentials")
    assert sign_in(client, "2026000001", first) == (401, "invalid_credentials")


def test_each_is_told_once_and_kept_nowhere(campus: Office) -> None:
    told = hand_out(campus)
    assert sorted(told) == ["2026000001", "2026000002", "2026000003"]
    assert len(set(told.values())) == 3
    assert hand_out(campus) == {}
    assert sorted(hand_out(campus, "teachers")) == ["000001"]
    stored = [one.first_hash for one in campus.all(Account) if one.first_hash]
    assert [len(one) for one in stored] == [32] * 4
    assert not [one for one in campus.all(Account) if one.first_hash and one.password_hash]


def test_a_lost_file_is_handed_out_again(campus: Office, client: FlaskClient) -> None:
    """To those who have not used theirs: the old ones are worthless."""
    before = hand_out(campus)
    assert choose(client, "2026000001", before["2026000001"])[0] == 200
    after = hand_out(campus, again=True)
    assert sorted(after) == ["2026000002", "2026000003"]
    assert choose(client, "2026000002", before["2026000002"]) == (401, "invalid_credentials")
    assert choose(client, "2026000002", after["2026000002"]) == (200, None)


def test_a_password_from_the_office_ends_the_first_one(campus: Office, client: FlaskClient) -> None:
    first = hand_out(campus)["2026000001"]
    (account,) = [one for one in campus.all(Account) if one.username == "2026000001"]
    answer = client.post(f"/api/manage/students/{account.id}/reset-password", headers=campus.headers)
    assert choose(client, "2026000001", first) == (401, "invalid_credentials")
    assert sign_in(client, "2026000001", answer.json["password"]) == (200, None)
    assert "2026000001" not in hand_out(campus, again=True)


def test_who_is_disabled_gets_none_and_cannot_choose(campus: Office, client: FlaskClient) -> None:
    first = hand_out(campus)["2026000001"]
    (account,) = [one for one in campus.all(Account) if one.username == "2026000001"]
    path = f"/api/manage/students/{account.id}"
    version = client.get(path, headers=campus.headers).json["version"]
    client.patch(path, headers=campus.headers, json={"account_status": "disabled", "version": version})
    assert choose(client, "2026000001", first) == (403, "account_disabled")
    assert "2026000001" not in hand_out(campus, again=True)


def test_who_is_disabled_in_the_same_moment_is_not_let_in(
    campus: Office, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = hand_out(campus)["2026000001"]

    def disabling(*said: Any) -> None:
        change(campus, "2026000001", status="disabled", token_version=Account.token_version + 1)
        check_password_policy(*said)

    monkeypatch.setattr(choosing, "check_password_policy", disabling)
    assert choose(client, "2026000001", first) == (403, "account_disabled")
    (account,) = [one for one in campus.all(Account) if one.username == "2026000001"]
    assert account.password_hash is None


def test_who_chooses_while_the_file_is_written_does_not_end_it(campus: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the list and the locks of a batch, which comes out short."""
    monkeypatch.setattr(first_passwords, "BATCH", 2)
    hand_out(campus)
    asked: list[bool] = []

    def meanwhile(*, again: bool) -> Any:
        asked.append(again)
        if len(asked) == 2:
            change(campus, "2026000001", password_hash="x", first_hash=None)
        return without_password(again=again)

    monkeypatch.setattr(first_passwords, "without_password", meanwhile)
    assert sorted(hand_out(campus, again=True)) == ["2026000002", "2026000003"]


def change(campus: Office, username: str, **values: Any) -> None:
    with campus.services.db.transaction() as session:
        session.execute(update(Account).where(Account.username == username).values(**values))


def test_only_of_the_list_and_by_batches(campus: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_passwords, "BATCH", 2)
    assert hand_out(campus, "students/first-passwords?q=9") == {}
    path = f"students/first-passwords?class_id={campus.place.class_id}&q=2026"
    assert sorted(hand_out(campus, path)) == ["2026000001", "2026000002", "2026000003"]


def test_it_does_not_last_for_ever(campus: Office, client: FlaskClient) -> None:
    """Right or not is still told first: only who knows it hears that it has expired. The office can hand out another."""
    first, made = hand_out(campus)["2026000001"], campus.services.clock.now()
    lasts = campus.services.settings.first_password_ttl
    change(campus, "2026000001", first_at=made - lasts + timedelta(hours=1))
    assert sign_in(client, "2026000001", first) == (403, "password_to_choose")
    change(campus, "2026000001", first_at=made - lasts)
    assert sign_in(client, "2026000001", first) == (403, "first_password_expired")
    assert choose(client, "2026000001", first) == (403, "first_password_expired")
    assert choose(client, "2026000001", first + "x") == (401, "invalid_credentials")
    assert choose(client, "2026000001", hand_out(campus, again=True)["2026000001"]) == (200, None)


def test_who_may(campus: Office, client: FlaskClient) -> None:
    for who in (make_account(campus.services, Role.TEACHER), make_account(campus.services, Role.STUDENT)):
        answer = client.post("/api/manage/students/first-passwords", headers=bearer(campus.services, who), json={})
        assert (answer.status_code, answer.json["code"]) == (403, "forbidden")
