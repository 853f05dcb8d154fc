"""A campus to import into, and the office that does it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.admission.engine import Engine
from app.auth.models import Account
from app.auth.permissions import Role
from app.exchange.working import Importer
from app.extensions.services import Services
from tests.factories import Place, bearer, make_account, make_place
from tests.functional.lectures.conftest import engine

__all__ = ["engine"]

PATH = "/api/manage/imports"
STUDENTS = "学号,姓名,班级\r\n"


def students(count: int, start: int = 1) -> str:
    return STUDENTS + "".join(f"2026{n:06d},学生{n},软工2401班\r\n" for n in range(start, start + count))


@dataclass(repr=False)
class Office:
    """Uploads as a manager; the work behind is called by hand."""

    services: Services
    engine: Engine
    client: FlaskClient
    manager: Account
    place: Place

    @property
    def headers(self) -> dict[str, str]:
        return bearer(self.services, self.manager)

    @property
    def importer(self) -> Importer:
        """A process of its own, each time."""
        return Importer(self.services, self.engine)

    def upload(self, kind: str, data: str | bytes, name: str = "file.csv", status: int = 202) -> Any:
        content = data.encode() if isinstance(data, str) else data
        form = {"kind": kind, "file": (io.BytesIO(content), name)}
        answer = self.client.post(PATH, data=form, headers=self.headers)
        assert answer.status_code == status, answer.json
        return answer.json

    def get(self, job: str) -> Any:
        answer = self.client.get(f"{PATH}/{job}", headers=self.headers)
        assert answer.status_code == 200, answer.json
        return answer.json

    def checked(self, kind: str, data: str | bytes, name: str = "file.csv") -> Any:
        """Upload, check, and what came of it."""
        job = self.upload(kind, data, name)["id"]
        assert self.importer.work()
        return self.get(job)

    def confirm(self, job: str, status: int = 202, **body: Any) -> Any:
        answer = self.client.post(f"{PATH}/{job}/confirm", json=body, headers=self.headers)
        assert answer.status_code == status, answer.json
        return answer.json

    def imported(self, kind: str, data: str | bytes, name: str = "file.csv", **body: Any) -> Any:
        """The whole way."""
        job = self.checked(kind, data, name)
        assert job["state"] == "checked", job
        self.confirm(job["id"], **body)
        assert self.importer.work()
        return self.get(job["id"])

    def export(self, kind: str, ending: str = "csv", query: str = "") -> bytes:
        answer = self.client.get(f"/api/manage/exports/{kind}.{ending}{query}", headers=self.headers)
        assert answer.status_code == 200, answer.json
        return bytes(answer.data)

    def count(self, model: Any) -> int:
        with self.services.db.transaction() as session:
            return session.scalar(select(func.count()).select_from(model)) or 0

    def all(self, model: Any) -> Sequence[Any]:
        with self.services.db.transaction() as session:
            return session.scalars(select(model).order_by(model.id)).all()

    def codes(self, job: Any) -> list[tuple[int, str, str]]:
        return [(one["row"], one["column"], one["code"]) for one in job["sample_errors"]]


@pytest.fixture
def office(services: Services, engine: Engine, client: FlaskClient) -> Office:
    """A manager, and one class called 软工2401班."""
    return Office(services, engine, client, make_account(services, Role.MANAGER), make_place(services))
