"""Judges: asked claim by claim under their own locks, and told of every step, so that one person's claims see each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.admission.claims import Claim, Standing
from app.admission.kinds import Judge, Kinds
from app.admission.settle import settle
from app.extensions.services import Services
from app.lectures.judging import LectureJudge
from app.lectures.kind import LectureKind
from app.lectures.models import KIND
from tests.functional.admission.conftest import Hall, MakeId
from tests.functional.admission.test_settle import claim, states


@dataclass
class Log:
    """What the judges of a test were asked, and whether the pools were free when accounts were locked."""

    services: Services
    said: list[str] = field(default_factory=list)

    def pools_are_free(self) -> bool:
        with self.services.db.transaction() as other:
            free = other.execute(text("SELECT id FROM seat_pool FOR UPDATE SKIP LOCKED")).all()
            return len(free) == other.scalar(text("SELECT COUNT(*) FROM seat_pool"))


class OneEach(LectureJudge):
    """A rule over several lectures: nobody may hold more than one seat."""

    def __init__(self, session: Session, log: Log) -> None:
        super().__init__(session, log.services.ids)
        self._log = log
        self._seats: dict[int, int] = {}

    def lock(self, claims: Sequence[Claim], *, wait: bool = True) -> None:
        self._log.said.append("lock" if self._log.pools_are_free() else "lock too late")

    def read(self, claims: Sequence[Claim]) -> None:
        self._log.said.append("read too early" if self._log.pools_are_free() else "read")
        super().read(claims)

    def refusal(self, claim: Claim) -> str | None:
        return "one_each" if self._seats.get(claim.user_id) and claim.action == "book" else super().refusal(claim)

    def waiter_refusals(self, waiters: Sequence[Standing]) -> dict[str, str]:
        return {one.id: "one_each" for one in waiters if self._seats.get(one.user_id)}

    def stepped(self, before: Standing | None, after: Standing) -> None:
        moved = (after.hold == "seat") - (before is not None and before.hold == "seat")
        self._seats[after.user_id] = self._seats.get(after.user_id, 0) + moved


class Strict(LectureKind):
    def __init__(self, services: Services) -> None:
        super().__init__(services.ids)
        self.log = Log(services)

    def judge(self, session: Session) -> Judge:  # type: ignore[override]
        return OneEach(session, self.log)


@pytest.fixture
def strict(hall: Hall) -> Strict:
    return Strict(hall.services)


def decide(hall: Hall, strict: Strict, *claims: Claim) -> dict[str, str]:
    kinds: Kinds = {KIND: strict}
    with hall.services.db.transaction() as session:
        return states(settle(session, kinds, hall.services.ids, claims, hall.services.clock.epoch_ms()))


def test_accounts_are_locked_before_the_pools_and_read_after(hall: Hall, strict: Strict, make: MakeId) -> None:
    decide(hall, strict, claim(make(), 1, hall.services.clock.epoch_ms()))
    assert strict.log.said == ["lock", "read"]


def test_the_second_claim_of_a_batch_sees_the_first(hall: Hall, strict: Strict, make: MakeId) -> None:
    at = hall.services.clock.epoch_ms()
    first, second, other = claim(make(), 1, at), claim(make(), 1, at + 1), claim(make(), 2, at + 2)
    decided = decide(hall, strict, other, second, first)
    assert decided == {first.id: "confirmed", second.id: "rejected", other.id: "confirmed"}


def test_a_cancellation_of_the_same_batch_makes_room(hall: Hall, strict: Strict, make: MakeId) -> None:
    at, one, another = hall.services.clock.epoch_ms(), make(), make()
    first = claim(one, 1, at)
    cancel = claim(one, 1, at + 1, action="cancel", target=first.id)
    second = claim(another, 1, at + 2)
    decided = decide(hall, strict, second, cancel, first)
    assert decided == {first.id: "cancelled", cancel.id: "confirmed", second.id: "confirmed"}


def test_a_promotion_passes_over_whoever_came_to_be_refused(hall: Hall, strict: Strict, make: MakeId) -> None:
    at, full, other = hall.services.clock.epoch_ms(), make(capacity=1, waitlist_capacity=5), make()
    holder = claim(full, 1, at)
    lined = [replace(claim(full, user, at + user), hold="line") for user in (2, 3)]
    decide(hall, strict, holder, *lined)
    elsewhere = claim(other, 2, at + 10)
    cancel = claim(full, 1, at + 11, action="cancel", target=holder.id)
    decided = decide(hall, strict, elsewhere, cancel)
    assert decided[lined[0].id] == "expired"
    assert decided[lined[1].id] == "confirmed"
