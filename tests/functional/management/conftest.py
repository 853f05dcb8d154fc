"""Management over HTTP: desks of people with one role each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.auth.models import Account
from app.auth.permissions import Role
from app.extensions.services import Services
from tests.factories import bearer, make_account

DeskOf = Callable[[Account], "Desk"]


@dataclass
class Desk:
    """HTTP as one person."""

    client: FlaskClient
    headers: dict[str, str]

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(path, headers=self.headers, query_string=query)

    def post(self, path: str, json: Any = None) -> Any:
        return self.client.post(path, headers=self.headers, json=json)

    def patch(self, path: str, json: Any) -> Any:
        return self.client.patch(path, headers=self.headers, json=json)

    def delete(self, path: str, **query: Any) -> Any:
        return self.client.delete(path, headers=self.headers, query_string=query)

    def make(self, path: str, **fields: Any) -> str:
        """Create; returns the id."""
        answer = self.post(path, fields)
        assert answer.status_code == 201, answer.json
        assert answer.headers["Location"] == f"{path}/{answer.json['id']}"
        return str(answer.json["id"])


@pytest.fixture
def desk_of(client: FlaskClient, services: Services) -> DeskOf:
    return lambda account: Desk(client, bearer(services, account))


@pytest.fixture
def desk(services: Services, desk_of: DeskOf) -> Desk:
    """A manager's."""
    return desk_of(make_account(services, Role.MANAGER))


def code(answer: Any) -> tuple[int, str]:
    """Status and code of a problem."""
    return answer.status_code, answer.json["code"]
