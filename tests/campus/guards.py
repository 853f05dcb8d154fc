"""Guards turned off, one at a time: in Redis's library, in a program's code, in a table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import gevent
from gevent.event import Event
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from app.admission.marks import CARTS, IN_PROGRESS
from app.admission.models import ClaimRow, SeatPool
from app.catalogue.meeting_models import Meeting
from app.catalogue.models import KIND as SECTION
from app.catalogue.models import Section, Term
from app.catalogue.selection_models import SelectionRound, TermCredit
from app.enrolment.models import Enrolment
from app.lectures.models import KIND as LECTURE
from app.lectures.models import Lecture, LectureBooking
from consumers import claims, maintenance
from consumers.runner import Program
from ops.drills.crowd import Crowd
from ops.drills.history import History
from tests.campus.truth import Truth
from tests.lua_guards import library_without


class Guards(Truth):
    """What would go wrong without a guard, and the way back."""

    @contextmanager
    def lua_without(self, guard: str) -> Iterator[None]:
        """Run with a function library in which one guard is off."""
        self.services.redis.function_load(library_without(guard), replace=True)
        try:
            yield
        finally:
            self.engine.store.install()

    def own_consumer(self) -> AbstractContextManager[None]:
        """Settle in this process, whose code a test may change, instead of in the program."""
        return self._own("claims", claims.run)

    def own_watch(self) -> AbstractContextManager[None]:
        """The same with the watch and its rebuilds."""
        return self._own("maintenance", maintenance.run)

    @contextmanager
    def _own(self, name: str, run: Program) -> Iterator[None]:
        program, stopping = self.service(name), Event()
        program.stop()
        running = gevent.spawn(run, self.services, self.engine, stopping)
        try:
            yield
        finally:
            stopping.set()
            running.join(20)
            program.start()

    @contextmanager
    def altered(self, without: str, again: str, *, of: Crowd) -> Iterator[None]:
        """Run with a table altered; alter it back when what was spoiled is forgotten."""
        with self.services.db.transaction() as session:
            session.execute(text(without))
        try:
            yield
        finally:
            self.forget(of)
            with self.services.db.transaction() as session:
                session.execute(text(again))

    def forget(self, crowd: Crowd | History) -> None:
        """Take what a guard turned off has spoiled, lectures or sections, out of MariaDB, Redis and ZooKeeper."""
        for kind, offering in {(wish.kind, wish.lecture_id) for wish in crowd.wishes}:
            with self.services.db.transaction() as session:
                _delete(session, kind, offering)
            keys: Any = self.services.redis.keys(f"sr:*:{kind}:{offering}*")
            self.services.zookeeper.delete(f"{IN_PROGRESS}/{kind}/{offering}", recursive=True)
            if keys:
                self.services.redis.delete(*keys)
        if crowd.wishes:
            self.services.redis.zrem("sr:pending", *(wish.claim_id for wish in crowd.wishes))
        # A cart's mark is the student's, and nobody takes it away once its claims are in no book any more.
        self.engine.marks.delete(
            sorted({(SECTION, CARTS, wish.student.id) for wish in crowd.wishes if wish.kind == SECTION})
        )
        self.engine.loader.unload_past()  # with it go the accounts of terms that are not there any more
        self._warned = self._repairs()


def _delete(session: Session, kind: str, offering: int) -> None:
    for table in (ClaimRow, SeatPool):
        session.execute(delete(table).where(table.kind == kind, table.offering_id == offering))
    if kind == LECTURE:
        session.execute(delete(LectureBooking).where(LectureBooking.lecture_id == offering))
        session.execute(delete(Lecture).where(Lecture.id == offering))
        return
    term = session.scalar(select(Section.term_id).where(Section.id == offering))
    for column in (Enrolment.section_id, Meeting.section_id, Section.id):
        session.execute(delete(column.class_).where(column == offering))
    for column in (TermCredit.term_id, SelectionRound.term_id, Term.id):
        session.execute(delete(column.class_).where(column == term))
