"""`python student.py ADDRESS USERNAME SECONDS`: a student books the first open lecture with free seats.

Run on the lab's client, with the standard library only. It waits for what comes of the claim. Whatever fails is tried again
with the same key, as the page does; the last line printed is the claim.
"""

from __future__ import annotations

import json
import sys
import time
import urllib.error
import urllib.request
import uuid
from typing import Any

PASSWORD = "seatrush-demo"


class Student:
    """Somebody who does not give up before the time is over."""

    def __init__(self, address: str, username: str, seconds: float) -> None:
        self.address = address
        self.until = time.monotonic() + seconds
        self.headers = {"Content-Type": "application/json", "Accept-Language": "en"}
        token = self.ask("POST", "/api/auth/login", {"username": username, "password": PASSWORD})["access_token"]
        self.headers["Authorization"] = f"Bearer {token}"

    def book(self) -> dict[str, Any]:
        """The claim as it ended, for the first lecture that the demo campus lets this student book."""
        lectures = self.ask("GET", "/api/lectures?limit=50")["items"]
        wanted = (one["id"] for one in lectures if one["phase"] == "open" and one["seats_left"] > 5)
        claim: dict[str, Any] = {"code": "not asked"}
        while "code" in claim:
            self.headers["Idempotency-Key"] = str(uuid.uuid4())
            claim = self.ask("POST", f"/api/lectures/{next(wanted)}/bookings", {})
        while claim["state"] not in ("confirmed", "waitlisted", "rejected"):
            self.pause(0.2)
            claim = self.ask("GET", claim.get("status_url") or f"/api/claims/{claim['claim_id']}")
        return claim

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """One request until it has an answer that is not about the servers' health, be it a refusal."""
        while True:
            data = None if body is None else json.dumps(body).encode()
            request = urllib.request.Request(f"http://{self.address}{path}", data, self.headers, method=method)
            try:
                with urllib.request.urlopen(request, timeout=5) as answer:
                    return dict(json.load(answer))
            except urllib.error.HTTPError as error:
                if error.code < 500 and error.code != 429:
                    return dict(json.load(error))
            except OSError:
                pass
            self.pause(0.5)

    def pause(self, seconds: float) -> None:
        """A moment, unless the time is over."""
        if time.monotonic() > self.until:
            sys.exit("the time is over")
        time.sleep(seconds)


if __name__ == "__main__":
    print(json.dumps(Student(sys.argv[1], sys.argv[2], float(sys.argv[3])).book()))
