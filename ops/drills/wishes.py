"""Students, what they wish for, and every answer and state that they were told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.admission.claims import GENERAL, claim_id
from app.lectures.models import KIND

LOST = 0  # the status of an answer that never came
SETTLED = frozenset({"confirmed", "waitlisted", "rejected", "cancelled", "expired"})


@dataclass(frozen=True, slots=True)
class Student:
    """Somebody with an account and a good token."""

    id: int
    token: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `status` 0: the connection broke, or nothing came in time. Times by the monotonic clock, in seconds;
    `retry_after` in seconds, 0 when it says none."""

    status: int
    body: dict[str, Any]
    asked_at: float = 0.0
    told_at: float = 0.0
    retry_after: int = 0

    @property
    def refused(self) -> str | None:
        """The code of a refusal that ends the wish; lost answers, 429 and 503 are none."""
        final = 400 <= self.status < 500 and self.status != 429
        return str(self.body.get("code")) if final else None


@dataclass(frozen=True, slots=True)
class Told:
    """A state told by GET /api/claims/{id}, with the moments of question and answer."""

    state: str
    version: int
    reason: str | None
    asked_at: float
    told_at: float


@dataclass(slots=True)
class Wish:
    """One intention of one student: all its requests carry one key and make one claim."""

    student: Student
    lecture_id: int
    action: str
    key: str
    waitlist: bool = True
    kind: str = KIND
    drops: int = 0
    pools: tuple[str, ...] = (GENERAL,)
    answers: list[Answer] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)

    @property
    def claim_id(self) -> str:
        return claim_id(self.student.id, self.action, self.kind, self.lecture_id, self.key)

    @property
    def promised(self) -> bool:
        """True when some request was answered 202, or 503 with the claim id: a decision is owed only for the first."""
        return any(answer.status == 202 for answer in self.answers)

    @property
    def unseen(self) -> bool:
        """True when some request was answered 202 without Redis, which numbers what it admits."""
        return any(answer.status == 202 and answer.body.get("sequence") is None for answer in self.answers)

    @property
    def refusals(self) -> list[Answer]:
        return [answer for answer in self.answers if answer.refused]

    @property
    def state(self) -> str | None:
        """The last settled state that was told."""
        return next((one.state for one in reversed(self.told) if one.state in SETTLED), None)
