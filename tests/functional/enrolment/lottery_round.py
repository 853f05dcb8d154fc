"""A lottery round and whoever wishes in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from app.auth.models import Account
from app.auth.permissions import Role
from app.enrolment.lottery.deciding import draw_requested
from tests.factories import bearer, make_account
from tests.functional.lectures.conftest import Desk, desk_of

if TYPE_CHECKING:
    from tests.functional.enrolment.conftest import Registry


@dataclass
class Lottery:
    """A lottery round of `registry`'s term that is open, and whoever wishes in it."""

    registry: Registry
    desk: Desk
    id: str = ""
    closes: Any = None

    def open(self, **fields: Any) -> None:
        registry, now = self.registry, self.registry.services.clock.now()
        registry.close_round(now - timedelta(seconds=10))
        self.closes = now + timedelta(minutes=5)
        body = {
            "term_id": str(registry.term),
            "round_no": 2,
            "mode": "lottery",
            "opens_at": (now - timedelta(seconds=9)).isoformat(),
            "closes_at": self.closes.isoformat(),
            "drop_until": (now + timedelta(hours=9)).isoformat(),
            "state": "published",
            **fields,
        }
        made = self.desk.post("/api/manage/rounds", json=body)
        assert made.status_code == 201, made.json
        self.id = made.json["id"]

    def put(self, student: Account, *sections: int | tuple[int, int], version: int = 0) -> Any:
        listed = [one if isinstance(one, tuple) else (one, 0) for one in sections]
        body = {"wishes": [{"section_id": str(one), "points": points} for one, points in listed], "version": version}
        headers = bearer(self.registry.services, student)
        return self.registry.client.put(f"/api/rounds/{self.id}/wishes", headers=headers, json=body)

    def told(self, student: Account) -> list[str]:
        """What the student reads of each wish: its state, or why it was lost."""
        headers = bearer(self.registry.services, student)
        found = self.registry.client.get(f"/api/rounds/{self.id}/wishes", headers=headers).json["wishes"]
        return [one["reason"] or one["state"] for one in found]

    def close(self) -> None:
        """Five minutes are over: for the application's clock, and in the rows for those of the servers."""
        self.registry.services.clock.advance(301)  # type: ignore[attr-defined]

    def draw(self) -> None:
        self.close()
        answer = self.desk.post(f"/api/manage/rounds/{self.id}/draw")
        assert answer.status_code == 202, answer.json
        draw_requested(self.registry.services, self.registry.engine)

    def file(self) -> dict[str, Any]:
        answer = self.registry.client.get(f"/api/rounds/{self.id}/draw.json")
        assert answer.status_code == 200, answer.json
        found: dict[str, Any] = orjson.loads(answer.data)
        return found


@pytest.fixture
def lottery(registry: Registry) -> Lottery:
    desk = desk_of(registry.client, registry.services, make_account(registry.services, Role.MANAGER))
    made = Lottery(registry, desk)
    made.open()
    return made
