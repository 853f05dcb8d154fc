"""A term with courses, sections and students, over the engine of the lecture tests."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text, update

from app.admission.claims import Standing
from app.admission.engine import Engine
from app.admission.models import SeatPool
from app.auth.models import Account
from app.catalogue.meeting_models import Meeting, SectionRestriction
from app.catalogue.models import KIND, Course, CoursePrerequisite, Section, Term
from app.catalogue.selection_models import CompletedCourse, SelectionRound, TermCredit
from app.catalogue.timetable import Slot
from app.enrolment.enrolling import drop, enrol
from app.enrolment.swapping import swap
from app.extensions.services import Services
from app.seating.models import SeatReservation
from tests.factories import actor_for, bearer, make_student
from tests.functional.enrolment.lottery_round import lottery
from tests.functional.lectures.conftest import Hall, engine, hall, make, manager
from tests.lua_guards import spoiling

__all__ = ["engine", "hall", "lottery", "make", "manager"]

EVERY_WEEK = 0xFFFF
MONDAY_1_2 = Slot(EVERY_WEEK, 1, 1, 2)
MONDAY_2_3 = Slot(EVERY_WEEK, 1, 2, 3)
TUESDAY_1_2 = Slot(EVERY_WEEK, 2, 1, 2)
NUMBERS = itertools.count(1)


@dataclass(repr=False)
class Registry:
    """One term that is open for selection; makes courses, sections and students in it."""

    services: Services
    engine: Engine
    hall: Hall
    client: FlaskClient
    term: int = 0
    round: int = 0
    keys: Any = field(default_factory=lambda: itertools.count(1))

    def open_term(self, **fields: Any) -> None:
        now = self.services.clock.now()
        self.term = self._add(
            Term, code=next(NUMBERS), name="2026 秋", starts_on=now.date(), weeks=16, teaching_free_days=[]
        )
        window = {"closes_at": now + timedelta(hours=1), "drop_until": now + timedelta(hours=2), **fields}
        self.open_round(1, window.pop("opens_at", now - timedelta(hours=1)), **window)

    def open_round(self, number: int, opens_at: datetime, **fields: Any) -> int:
        """Published; two hours long, and an hour more to drop, unless `fields` say otherwise."""
        window = {
            "opens_at": opens_at,
            "closes_at": opens_at + timedelta(hours=2),
            "drop_until": opens_at + timedelta(hours=3),
            "state": "published",
            **fields,
        }
        self.round = self._add(SelectionRound, term_id=self.term, round_no=number, **window)
        return self.round

    def close_round(self, closes_at: datetime, number: int = 1) -> None:
        """In MariaDB only: Redis hears of it when the sections are described."""
        query = text("UPDATE selection_round SET closes_at = :at WHERE term_id = :term AND round_no = :number")
        with self.services.db.transaction() as session:
            session.execute(query, {"at": closes_at.replace(tzinfo=None), "term": self.term, "number": number})

    def move_term(self, starts_on: date) -> None:
        """In MariaDB, and this worker has heard of it."""
        with self.services.db.transaction() as session:
            session.execute(update(Term).where(Term.id == self.term).values(starts_on=starts_on))
        self.engine.sheets._known.clear()

    def course(self, worth: str = "2.0", needs: tuple[int, ...] = ()) -> int:
        number = next(NUMBERS)
        made = self._add(
            Course, code=f"C{number:06d}", name=f"课程{number}", campus="主校区", college_id=1, category="专业必修",
            credits=Decimal(worth),
        )  # fmt: skip
        for one in needs:
            self._add(CoursePrerequisite, course_id=made, prerequisite_id=one)
        return made

    def section(
        self,
        course: int | None = None,
        *slots: Slot,
        capacity: int = 10,
        line: int = 5,
        reserved: Sequence[tuple[int, dict[str, Any]]] = (),
        **fields: Any,
    ) -> int:
        """`reserved`: (seats, audience) of the pools r1, r2, …, which are part of the capacity."""
        made = self._add(
            Section, course_id=course or self.course(), term_id=self.term, section_no=next(NUMBERS), teacher_names="张三",
            language="中文", exam_type="考试", capacity=capacity, waitlist_capacity=line,
            **{"state": "published", **fields},
        )  # fmt: skip
        for one in slots:
            self._add(
                Meeting, section_id=made, week_mask=one.week_mask, weekday=one.weekday, first_period=one.first_period,
                last_period=one.last_period, place=f"教一 {made}",
            )  # fmt: skip
        kept = sum(seats for seats, _ in reserved)
        self._add(SeatPool, kind=KIND, offering_id=made, pool="0", capacity=capacity - kept, line_capacity=line)
        for number, (seats, audience) in enumerate(reserved, 1):
            same = {"kind": KIND, "offering_id": made, "pool": f"r{number}"}
            self._add(SeatReservation, name=f"预留{number}", seats=seats, audience=audience, **same)
            self._add(SeatPool, capacity=seats, line_capacity=0, **same)
        assert self.engine.loader.load(KIND, made)
        return made

    def restrict(self, course: int, mode: str, **audience: Any) -> None:
        self._add(SectionRestriction, course_id=course, mode=mode, audience=audience, created_by=1)

    def unrestrict(self, course: int) -> None:
        with self.services.db.transaction() as session:
            session.execute(text("DELETE FROM section_restriction WHERE course_id = :course"), {"course": course})
        self.engine.sheets._known.clear()

    def student(self, limit: str = "20.0", passed: tuple[int, ...] = (), **values: Any) -> Account:
        made = make_student(self.services, **values)
        self.grant(made, limit)
        for one in passed:
            self._add(CompletedCourse, student_id=made.id, course_id=one, term_id=1, passed=True)
        return made

    def grant(self, student: Account, limit: str = "20.0") -> None:
        """A credit account in the term of now."""
        self._add(TermCredit, student_id=student.id, term_id=self.term, credit_limit=Decimal(limit))

    def _add(self, model: Any, **fields: Any) -> int:
        number = self.services.ids.next_id()
        with self.services.db.transaction() as session:
            session.add(model(id=number, **fields))
        return number

    def key(self) -> str:
        return f"key-{next(self.keys):08d}"

    def enrol(self, student: Account, section: int, key: str = "") -> str:
        """Enrol through the gate; the claim's id."""
        return enrol(self.engine, actor_for(self.services, student), section, key or self.key()).claim_id

    def drop(self, student: Account, section: int) -> str:
        return drop(self.engine, actor_for(self.services, student), section, self.key()).claim_id

    def swap(self, student: Account, section: int, take: int, key: str = "") -> str:
        """Give up a section for another, through the gate; the claim's id."""
        actor = actor_for(self.services, student)
        return swap(self.engine, actor, self.round, drop_id=section, take_id=take, key=key or self.key()).claim_id

    def by(self, engine: Engine) -> Registry:
        """The same through another worker."""
        return replace(self, engine=engine)

    def settled(self, student: Account, section: int) -> Standing:
        """Enrol, settle, and where the claim stands."""
        made = self.enrol(student, section)
        self.hall.settle()
        return self.standing(made)

    def standing(self, claim: str) -> Standing:
        found = self.engine.status.ask(claim).standing
        assert found is not None
        return found

    def used(self, student: Account) -> Decimal:
        query = text("SELECT used FROM term_credit WHERE student_id = :student AND term_id = :term")
        with self.services.db.transaction() as session:
            return Decimal(session.scalar(query, {"student": student.id, "term": self.term}))

    def holds(self, student: Account) -> dict[int, str]:
        """Section → state, of MariaDB's live enrolments."""
        query = text("SELECT section_id, state FROM enrolment WHERE student_id = :student AND active = 1")
        with self.services.db.transaction() as session:
            return {row[0]: row[1] for row in session.execute(query, {"student": student.id})}

    def account(self, student: Account) -> dict[int, str]:
        """Section → hold, of the account in Redis."""
        fields: Any = self.engine.store.redis.hgetall(f"sr:a:{KIND}:{self.term}:{student.id}")
        return {int(name[2:]): value.decode().partition("|")[0] for name, value in fields.items() if name[:2] == b"h:"}

    def seats(self, section: int, pool: str = "0") -> tuple[tuple[int, int], tuple[int, int]]:
        """(seats left, waiting) of a pool by Redis and by MariaDB."""
        store, query = self.engine.store, select(SeatPool).where(SeatPool.offering_id == section, SeatPool.pool == pool)
        counted = self.engine.epochs.fenced(lambda fence: store.seats(KIND, [section], fence=fence))[0][pool]
        with self.services.db.transaction() as session:
            row = session.scalars(query).one()
            return counted, (row.capacity - row.taken, row.waiting)

    def post(self, student: Account, section: int, **options: Any) -> Any:
        return self.client.post(
            f"/api/sections/{section}/enrolments", headers=self._headers(student, options), **options
        )

    def cart(self, student: Account, sections: list[int], **options: Any) -> Any:
        """`round` and `body` (more of it) may be among the options."""
        body = {"sections": [str(one) for one in sections], **options.pop("body", {})}
        address = f"/api/rounds/{options.pop('round', self.round)}/carts"
        return self.client.post(address, headers=self._headers(student, options), json=body, **options)

    def _headers(self, student: Account, options: dict[str, Any]) -> dict[str, str]:
        key = options.pop("key", "") or self.key()
        return {**bearer(self.services, student), "Idempotency-Key": key, **options.pop("headers", {})}

    def cancel(self, section: int) -> None:
        """What a manager does, and this worker has heard of it."""
        with self.services.db.transaction() as session:
            session.execute(text("UPDATE section SET state = 'cancelled' WHERE id = :id"), {"id": section})
        self.engine.sheets._known.clear()


@pytest.fixture
def registry(services: Services, engine: Engine, hall: Hall, client: FlaskClient) -> Registry:
    made = Registry(services, engine, hall, client)
    made.open_term()
    return made


@pytest.fixture
def spoil(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """`spoil(guard)`: see `tests/lua_guards.py`."""
    yield from spoiling(registry.engine, monkeypatch)
