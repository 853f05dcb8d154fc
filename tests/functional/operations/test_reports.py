"""GET /api/ops/drills: what drills and rehearsals gave, from files that may be anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.auth.permissions import Role
from app.extensions.services import Services
from app.factory import create_app
from app.operations import reports
from tests.drill_reports import DRILL, REHEARSAL, keep
from tests.factories import bearer, make_account


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the tools keep what they give."""
    for name in ("drills", "rehearsals"):
        (tmp_path / "kept" / name).mkdir(parents=True)
    return tmp_path / "kept"


@pytest.fixture
def client(services: Services, folder: Path) -> Iterator[FlaskClient]:
    """An application that reads them."""
    changed = replace(services, settings=replace(services.settings, reports_dir=folder))
    with create_app(services=changed).test_client() as made:
        yield made


def listed(client: FlaskClient, admin: dict[str, str], query: str = "") -> dict[str, Any]:
    answer = client.get(f"/api/ops/drills{query}", headers=admin)
    assert answer.status_code == 200, answer.text
    return dict(answer.json or {})


def test_both_kinds_the_newest_first_page_by_page(client: FlaskClient, folder: Path, admin: dict[str, str]) -> None:
    for hour in range(3):
        keep(folder / "drills", f"20261128-0{hour}0000-redis-killed", DRILL)
    keep(folder / "rehearsals", "20261128-013000-rehearsal", REHEARSAL)
    first = listed(client, admin, "?limit=3")
    last = listed(client, admin, f"?limit=3&cursor={first['next_cursor']}")
    found = [*first["items"], *last["items"]]
    assert [one["id"][9:13] for one in found] == ["0200", "0130", "0100", "0000"]
    assert [one["kind"] for one in found] == ["drill", "rehearsal", "drill", "drill"]
    assert (last["next_cursor"], found[0]["at"]) == (None, "2026-11-28T17:00:00+08:00")
    assert found[0].keys() == {"id", "kind", "title", "at", "held", "counts"}


def test_a_report_with_its_lines(client: FlaskClient, folder: Path, admin: dict[str, str]) -> None:
    keep(folder / "drills", "20261128-090000-redis-killed", DRILL)
    keep(folder / "rehearsals", "20261128-100000-rehearsal", REHEARSAL)
    drill = client.get("/api/ops/drills/20261128-090000-redis-killed", headers=admin).json
    assert drill is not None
    assert {"name": "longest_gap_s", "value": 0.8} in drill["figures"]
    assert {"name": "back_after_s", "value": None} in drill["figures"]
    assert drill["marks"] == [{"name": "broken", "at_s": 6.0}, {"name": "healed", "at_s": 9.0}]
    assert drill["lines"][0] == {"name": "good", "points": [{"at_s": 0.0, "value": 30.0}, {"at_s": 0.5, "value": 0.0}]}
    rehearsal = client.get("/api/ops/drills/20261128-100000-rehearsal", headers=admin).json
    assert rehearsal is not None
    assert rehearsal["said"][0] == {"name": "bottleneck", "zh": "整机 CPU 已满", "en": "the machine was full"}
    assert rehearsal["lines"][1] == {"name": "queued", "points": [{"at_s": 0.5, "value": None}]}


BAD = {
    "no JSON": b"{",
    "no object": b"[]",
    "no time": {**DRILL, "at": "yesterday"},
    "no offset": {**DRILL, "at": "2026-11-28T09:00:00"},
    "no steps": {**DRILL, "seen": {**DRILL["seen"], "steps": 3}},
    "no title": {**DRILL, "title": "drill"},
    "no number": {**DRILL, "per_second": "many"},
    "no counts": {**DRILL, "counts": None},
}


@pytest.mark.parametrize("document", BAD.values(), ids=BAD.keys())
def test_a_bad_file_hides_no_other(client: FlaskClient, folder: Path, admin: dict[str, str], document: Any) -> None:
    keep(folder / "drills", "20261128-090000-good", DRILL)
    keep(folder / "drills", "20261128-090001-bad", document)
    assert [one["id"] for one in listed(client, admin)["items"]] == ["20261128-090000-good"]
    assert client.get("/api/ops/drills/20261128-090001-bad", headers=admin).status_code == 404


def test_nothing_outside_the_folders_is_read(client: FlaskClient, folder: Path, admin: dict[str, str]) -> None:
    secret = "20261128-090000-secret"
    keep(folder, secret, DRILL)
    keep(folder.parent, secret, DRILL)
    (folder / "drills" / f"{secret}.json").symlink_to(folder.parent / f"{secret}.json")
    keep(folder / "drills", "secret", DRILL)
    assert listed(client, admin)["items"] == []
    for path in (
        secret,
        f"../{secret}",
        f"..%2f{secret}",
        f"%2e%2e/{secret}",
        "secret",
        f"{secret}.json",
        "%00",
        "a" * 500,
    ):
        answer = client.get(f"/api/ops/drills/{path}", headers=admin)
        assert answer.status_code == 404, path


def test_a_file_that_is_too_large_is_not_read(
    client: FlaskClient, folder: Path, admin: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(folder / "drills", "20261128-090000-large", DRILL)
    assert len(listed(client, admin)["items"]) == 1
    monkeypatch.setattr(reports, "LARGEST", 10)
    assert listed(client, admin)["items"] == []


def test_no_folder_is_no_report(services: Services, admin: dict[str, str], tmp_path: Path) -> None:
    for folder in (None, tmp_path / "nowhere"):
        changed = replace(services, settings=replace(services.settings, reports_dir=folder))
        assert listed(create_app(services=changed).test_client(), admin) == {"items": [], "next_cursor": None}


def test_for_operators_only(services: Services, client: FlaskClient, folder: Path) -> None:
    keep(folder / "drills", "20261128-090000-good", DRILL)
    manager = bearer(services, make_account(services, Role.MANAGER))
    for path in ("/api/ops/drills", "/api/ops/drills/20261128-090000-good"):
        assert client.get(path, headers=manager).status_code == 403
        assert client.get(path).status_code == 401


@pytest.mark.parametrize("query", ["cursor=x", "cursor=WzFd", "cursor=WyIyIiwzXQ==", "limit=0", "limit=51"])
def test_a_bad_question(client: FlaskClient, admin: dict[str, str], query: str) -> None:
    answer = client.get(f"/api/ops/drills?{query}", headers=admin)
    assert (answer.status_code, (answer.json or {})["code"]) == (422, "invalid_input")
