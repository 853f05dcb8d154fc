"""What a journey needs of the campus and does not do in a browser: by the API, as managers and students."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta, timezone
from itertools import count
from typing import Any
from uuid import uuid4

import requests

PASSWORD = "seatrush-demo"
CAMPUS = timezone(timedelta(hours=8))


class Campus:
    """The other people of a journey, by the API: the manager who creates lectures, students who take the seats."""

    def __init__(self, site: str) -> None:
        self.site = site
        self._tokens: dict[str, str] = {}
        self._places = count(1)

    def call(self, username: str, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        """One request as somebody, who signs in again when a token has grown old: a run of all journeys takes its time."""
        if username not in self._tokens:
            self._sign_in(username)
        answer = self._request(username, method, path, body, headers)
        if answer.status_code == 401:
            self._sign_in(username)
            answer = self._request(username, method, path, body, headers)
        return answer

    def _request(self, username: str, method: str, path: str, body: Any, headers: dict[str, str]) -> requests.Response:
        signed = headers | {"Authorization": f"Bearer {self._tokens[username]}"}
        repeatable = method == "GET" or "Idempotency-Key" in headers
        for _ in range(4 if repeatable else 0):  # a server that paused for some seconds is told of as away, for one
            answer = requests.request(method, self.site + path, json=body, headers=signed, timeout=20)
            if answer.status_code != 503:
                return answer
            time.sleep(1.0)
        return requests.request(method, self.site + path, json=body, headers=signed, timeout=20)

    def _sign_in(self, username: str) -> None:
        answer = requests.post(
            f"{self.site}/api/auth/login", json={"username": username, "password": PASSWORD}, timeout=20
        )
        answer.raise_for_status()
        self._tokens[username] = answer.json()["access_token"]

    def lecture(
        self, *, opens_in: float = -60, closes_in: float = 600, starts_in: float = 172_800, **fields: Any
    ) -> str:
        """A published lecture; returns its id. Times are in seconds from now."""
        now = datetime.now(CAMPUS)
        number = next(self._places)
        body = {
            "title": f"浏览器测试讲座 {number}",
            "speaker": "测试教师",
            "place": f"测试教室 {uuid4().hex[:12]}",
            "opens_at": (now + timedelta(seconds=opens_in)).isoformat(),
            "closes_at": (now + timedelta(seconds=closes_in)).isoformat(),
            "starts_at": (now + timedelta(seconds=starts_in)).isoformat(),
            "ends_at": (now + timedelta(seconds=starts_in + 7200)).isoformat(),
            "capacity": 5,
            "waitlist_capacity": 2,
            **fields,
        }
        answer = self.call("manager", "POST", "/api/manage/lectures", body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def book(self, username: str, lecture: str) -> dict[str, Any]:
        """Book as somebody and wait for the decision; returns the claim."""
        key = f"journey-{username}-{lecture}"
        answer = self.call(username, "POST", f"/api/lectures/{lecture}/bookings", {}, **{"Idempotency-Key": key})
        assert answer.status_code == 202, answer.text
        return self.decided(username, answer.json()["claim_id"])

    def cancel(self, username: str, lecture: str) -> dict[str, Any]:
        """Cancel as somebody and wait for the decision."""
        key = f"cancel-{username}-{lecture}"
        path = f"/api/lectures/{lecture}/bookings/mine"
        answer = self.call(username, "DELETE", path, **{"Idempotency-Key": key})
        assert answer.status_code == 202, answer.text
        return self.decided(username, answer.json()["claim_id"])

    def enrol(self, username: str, section: str) -> dict[str, Any]:
        """Choose a section as somebody and wait for the decision."""
        key = {"Idempotency-Key": f"journey-{uuid4().hex}"}
        answer = self.call(username, "POST", f"/api/sections/{section}/enrolments", {}, **key)
        assert answer.status_code == 202, answer.text
        return self.decided(username, answer.json()["claim_id"])

    def drop(self, username: str, section: str) -> dict[str, Any]:
        """Drop a section as somebody and wait for the decision."""
        key = {"Idempotency-Key": f"journey-{uuid4().hex}"}
        answer = self.call(username, "DELETE", f"/api/sections/{section}/enrolments/mine", **key)
        assert answer.status_code == 202, answer.text
        return self.decided(username, answer.json()["claim_id"])

    def held(self, username: str) -> dict[str, str]:
        """Section → state of what somebody holds or waits for."""
        items = self.call(username, "GET", "/api/me/enrolments").json()["items"]
        return {one["section"]["id"]: one["state"] for one in items}

    def plan(self, username: str, *sections: str) -> None:
        """Somebody's plan becomes these."""
        version = self.call(username, "GET", "/api/me/plan").json()["version"]
        body = {"sections": list(sections), "version": version}
        answer = self.call(username, "PUT", "/api/me/plan", body)
        assert answer.status_code == 200, answer.text

    def begins_later(self, username: str, seconds: float) -> None:
        """A time ticket: this student's turn in the present round comes in so many seconds."""
        rounds = self.call(username, "GET", "/api/rounds").json()["items"]
        round_id = next(one["id"] for one in rounds if one["phase"] == "open")
        not_before = (datetime.now(CAMPUS) + timedelta(seconds=seconds)).isoformat()
        body = {"round_id": round_id, "students": [username], "not_before": not_before}
        answer = self.call("manager", "POST", "/api/manage/time-tickets", body)
        assert answer.status_code == 201, answer.text

    def control(self, key: str, value: Any) -> None:
        """Set a value of the operator's."""
        items = self.call("admin", "GET", "/api/admin/controls").json()["items"]
        [version] = [one["version"] for one in items if one["key"] == key]
        body = {"value": value, "version": version, "reason": "试用"}
        assert self.call("admin", "PUT", f"/api/admin/controls/{key}", body).status_code == 200

    def decided(self, username: str, claim_id: str) -> dict[str, Any]:
        """The claim once it is decided."""
        deadline = datetime.now(CAMPUS) + timedelta(seconds=60)
        while datetime.now(CAMPUS) < deadline:
            claim: dict[str, Any] = self.call(username, "GET", f"/api/claims/{claim_id}").json()
            if claim.get("state", "unknown") not in {"pending", "unknown"}:
                return claim
            time.sleep(0.1)
        raise AssertionError(f"claim {claim_id} of {username} is not decided: {json.dumps(claim)}")

    def claims(self, username: str, lecture: str) -> list[dict[str, Any]]:
        """Every claim of somebody for a lecture, newest first."""
        items = self.call(username, "GET", "/api/me/claims?limit=100").json()["items"]
        return [one for one in items if str(one["offering_id"]) == lecture]
