"""A term, the rules over several lectures in it, and what MariaDB and Redis have of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import gevent
from sqlalchemy import func, select, text, update

from app.admission.account_check import AccountDifference
from app.admission.claims import Claim, claim_id
from app.admission.settle import settle
from app.auth.actor import Actor
from app.auth.models import Account
from app.auth.permissions import Role
from app.catalogue.models import Term
from app.controls.changing import change_control
from app.controls.models import ControlRow
from app.lectures.booking import book, cancel
from app.lectures.models import KIND, Lecture, LectureBooking
from app.lectures.quota.following import follow_rules
from app.lectures.quota.models import LectureAccount
from tests.factories import actor_for, make_account
from tests.functional.lectures.conftest import Hall
from tests.meeting import until_done_or_held_up


@dataclass(repr=False)
class Season:
    """The hall in a term, under rules that an operator sets."""

    hall: Hall
    admin: Actor
    term: int
    keys: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def set(self, key: str, value: int) -> None:
        """Change the setting, and let the watch take it up."""
        with self.hall.services.db.transaction() as session:
            row = session.scalar(select(ControlRow).where(ControlRow.key == key))
        version = row.version if row else 0
        change_control(self.hall.services, self.admin, key, value, version=version, reason="试用")
        self.follow()

    def follow(self) -> int:
        moved = follow_rules(self.hall.services, self.hall.engine)
        self.hall.engine.accounts.hand_over_due()
        return moved

    def book(self, student: Account, lecture: int) -> str:
        """Claim it, each time with a key of its own; not settled yet."""
        actor = actor_for(self.hall.services, student)
        return book(self.hall.engine, actor, lecture, f"key-{next(self.keys):08}").claim_id

    def settled(self, student: Account, *lectures: int) -> list[str]:
        """Book these and settle: the states."""
        claims = [self.book(student, one) for one in lectures]
        self.hall.settle()
        return [self.state(one) for one in claims]

    def cancel(self, student: Account, lecture: int) -> None:
        cancel(self.hall.engine, actor_for(self.hall.services, student), lecture, f"cancel-{lecture}-{student.id}")
        self.hall.settle()

    def unseen(self, student: Account, lecture: int, later_ms: int = 0) -> Claim:
        """A claim as it comes by the direct path, past every rule of Redis."""
        return Claim(
            id=claim_id(student.id, "book", KIND, lecture, "key-direct"), kind=KIND, action="book", user_id=student.id,
            offering_id=lecture, line_ok=False, admitted_at=self.hall.services.clock.epoch_ms() + later_ms,
        )  # fmt: skip

    def settle_at_once(self, student: Account, lectures: Sequence[int]) -> list[str]:
        """Past Redis, each by a transaction of its own: the first is not committed yet when the second begins."""
        first, *others = (self.unseen(student, one) for one in lectures)
        services, engine = self.hall.services, self.hall.engine
        with services.db.transaction() as session:
            settle(session, engine.kinds, services.ids, [first], services.clock.epoch_ms())
            waiting = [gevent.spawn(self.hall.settle, [one]) for one in others]
            for one in waiting:
                until_done_or_held_up(one, services.db)
        gevent.joinall(waiting, raise_error=True)
        return [self.state(one.id) for one in (first, *others)]

    def state(self, claim: str) -> str:
        """The state, and why it is not better: "rejected lecture_quota"."""
        standing = self.hall.engine.status.ask(claim).standing
        assert standing is not None
        return f"{standing.state} {standing.reason}".strip() if standing.final else standing.state

    def seats(self, student: Account) -> set[int]:
        """The lectures in which the student has a seat, by MariaDB."""
        query = select(LectureBooking.lecture_id).where(
            LectureBooking.student_id == student.id, LectureBooking.state == "confirmed"
        )
        with self.hall.services.db.transaction() as session:
            return set(session.scalars(query))

    def account(self, student: Account) -> dict[str, str]:
        """As Redis has it."""
        found: Any = self.hall.engine.store.redis.hgetall(f"sr:a:{KIND}:{self.term}:{student.id}")
        return {name.decode(): value.decode() for name, value in found.items()}

    def scope(self, lecture: int) -> str:
        """Where the lecture counts, as Redis has it."""
        found: Any = self.hall.engine.store.redis.hget(f"sr:o:{KIND}:{lecture}", "scope")
        return str(found.decode())

    def rows(self) -> int:
        """How many accounts MariaDB has."""
        with self.hall.services.db.transaction() as session:
            return session.scalar(select(func.count(LectureAccount.id))) or 0

    def differences(self) -> list[AccountDifference]:
        """At rest: the hall applies effects, but says so to nobody."""
        with self.hall.services.db.transaction() as session:
            session.execute(text("UPDATE outbox SET done_at = NOW(6)"))
        return self.hall.engine.account_check.differences(KIND)

    def end(self, lecture: int, came: Sequence[Account] = ()) -> None:
        """The lecture is over, and these came."""
        now = self.hall.services.clock.now()
        times = {"starts_at": now - timedelta(hours=2), "ends_at": now - timedelta(minutes=1)}
        with self.hall.services.db.transaction() as session:
            session.execute(update(Lecture).where(Lecture.id == lecture).values(**times))
            here = (LectureBooking.lecture_id == lecture, LectureBooking.student_id.in_([one.id for one in came]))
            session.execute(update(LectureBooking).where(*here).values(checked_in_at=now - timedelta(hours=1)))
        self.follow()


def season_of(hall: Hall) -> Season:
    """In a term that began two weeks ago."""
    services, today = hall.services, hall.services.clock.now().date()
    term = services.ids.next_id()
    begins = today - timedelta(days=today.weekday() + 14)
    with services.db.transaction() as session:
        session.add(Term(id=term, code=20261, name="秋", starts_on=begins, weeks=20, teaching_free_days=[], version=1))
    return Season(hall, actor_for(services, make_account(services, Role.SUPER_ADMIN)), term)
