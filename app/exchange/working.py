"""What happens behind an upload: the check that changes nothing, and the run after it was confirmed.

One job at a time, batch by batch. A batch's changes, its notes and how far it got are one transaction: a process that dies is
followed by another that goes on after the last batch. The lease only saves work; what makes it right is that a batch looks
under lock whether its turn has come.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta

import gevent
from gevent.event import Event
from sqlalchemy import bindparam, delete, or_, select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from app.admission.engine import Engine
from app.admission.outbox import Effects, append
from app.admission.telling import tell
from app.exchange.errors import FileBrokenError
from app.exchange.jobs import begin_again
from app.exchange.kinds.base import Kind, Plan
from app.exchange.kinds.registry import ALONE, IMPORTED
from app.exchange.live import announce
from app.exchange.models import ImportJob, ImportNote, ImportPiece, State
from app.exchange.notes import Note, note
from app.exchange.rows import insert_rows
from app.exchange.sheet import Reading, Sheet
from app.exchange.tables import open_table
from app.extensions.db import UtcDateTime
from app.extensions.named_lock import alone
from app.extensions.services import Services

logger = logging.getLogger(__name__)

BATCH = 200
LEASE = timedelta(seconds=20)
MOST_NOTES = 10_000
# Rows between two chances for whatever else this process does.
SLICE = 50

# Made once: asked every second for ever, and making it took most of the time.
_NEXT = (
    select(ImportJob)
    .where(
        ImportJob.state.in_([State.CHECKING.value, State.RUNNING.value]),
        or_(
            ImportJob.leased_until.is_(None),
            ImportJob.leased_until < bindparam("now", type_=UtcDateTime),
            ImportJob.leased_by == bindparam("name"),
        ),
        ImportJob.is_deleted.is_(False),
    )
    .order_by(ImportJob.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)


class LostError(Exception):
    """Somebody else is at this job, or it was taken away."""


class Importer:
    """One per process; `work` does one job."""

    def __init__(self, services: Services, engine: Engine) -> None:
        self._services = services
        self._engine = engine
        self._name = secrets.token_hex(16)

    def work(self, stopping: Event | None = None) -> bool:
        """Take the oldest job that nobody is at, and do what it waits for. False when there is none.

        When told to stop it does so after a batch, and gives the job back.
        """
        job = self._take()
        if job is None:
            return False
        try:
            self._do(job, stopping or Event())
        except LostError:
            logger.info("import %d is somebody else's", job.id)
        except FileBrokenError as error:
            self._fail(job, error)
        return True

    def _take(self) -> ImportJob | None:
        with self._services.db.transaction() as session:
            job = session.scalar(_NEXT, {"now": self._services.clock.now(), "name": self._name})
            if job is not None:
                self._lease(job)
            return job

    def _lease(self, job: ImportJob) -> None:
        job.leased_by, job.leased_until = self._name, self._services.clock.now() + LEASE

    def _do(self, job: ImportJob, stopping: Event) -> None:
        if job.state == State.CHECKING:
            # A check that was broken off begins anew: it has changed nothing.
            job = self._step(job, begin_again)
        kind = IMPORTED[job.kind]
        table = open_table(self._file(job))
        rows = 0
        for batch in _batches(iter(Sheet(kind, table, self._services.settings.campus_timezone))):
            rows += len(batch)
            due = [reading for reading in batch if reading[0] > job.last_row]
            if due:
                job = self._batch(job, kind, due)
                announce(self._services, job)
            if stopping.is_set():
                self._step(job, _give_back)
                return
        if not rows:
            raise FileBrokenError("no_rows")
        self._finish(job, table.encoding, rows)

    def _file(self, job: ImportJob) -> bytes:
        query = select(ImportPiece.data).where(ImportPiece.import_id == job.id).order_by(ImportPiece.number)
        with self._services.db.transaction() as session:
            return b"".join(session.scalars(query))

    def _batch(self, job: ImportJob, kind: Kind, batch: Sequence[Reading]) -> ImportJob:
        """One transaction; when the database objects, half of it, and at last the one row that is to blame."""
        try:
            return self._write(job, kind, batch)
        except (IntegrityError, DataError) as error:
            if len(batch) == 1:
                logger.info("a row of import %d is refused: %r", job.id, error.orig)
                number, _, notes = batch[0]
                return self._write(job, kind, [(number, None, [*notes, note(number, "", "refused")])])
            half = len(batch) // 2
            return self._batch(self._batch(job, kind, batch[:half]), kind, batch[half:])

    def _write(self, job: ImportJob, kind: Kind, batch: Sequence[Reading]) -> ImportJob:
        told: list[tuple[int, Effects]] = []

        def work(session: Session) -> ImportJob:
            told.clear()
            mine = self._mine(session, job)
            rows = [row for _, row, _ in batch if row is not None]
            plans = kind.plan(session, rows, lock=mine.state == State.RUNNING)
            if mine.state == State.RUNNING:
                due = [plan for plan in plans if plan.outcome in {"new", "changed"}]
                effects = kind.write(session, self._services, due) if due else Effects()
                if effects.offerings or effects.accounts:
                    told.append((append(session, self._services.ids, effects), effects))
            self._count(session, mine, batch, plans)
            if mine.state == State.RUNNING:
                self._engine.faults.hit("import_before_commit")
            return mine

        with self._alone(job):
            done = self._services.db.retrying(work)
        if done.state == State.RUNNING:
            self._engine.faults.hit("import_after_commit")
        tell(self._services, self._engine, told)
        return done

    def _alone(self, job: ImportJob) -> AbstractContextManager[None]:
        lock = ALONE.get(job.kind) if job.state == State.RUNNING else None
        return alone(self._services.db, lock) if lock else nullcontext()

    def _mine(self, session: Session, job: ImportJob, *, anew: bool = False) -> ImportJob:
        """The job under lock, as far as this process has brought it. Raises LostError."""
        mine = session.get(ImportJob, job.id, with_for_update=True)
        if mine is None or mine.is_deleted or mine.state != job.state or (mine.last_row != job.last_row and not anew):
            raise LostError
        self._lease(mine)
        return mine

    def _count(self, session: Session, job: ImportJob, batch: Sequence[Reading], plans: Sequence[Plan]) -> None:
        notes = [one for _, _, some in batch for one in some] + [one for plan in plans for one in plan.notes]
        outcomes = [plan.outcome for plan in plans]
        job.new_rows += outcomes.count("new")
        job.changed_rows += outcomes.count("changed")
        job.same_rows += outcomes.count("same")
        self._note(session, job, notes)
        job.errors += len({one.row for one in notes})
        job.done += len(batch)
        job.last_row = batch[-1][0]

    def _note(self, session: Session, job: ImportJob, notes: Sequence[Note]) -> None:
        if not notes or job.errors >= MOST_NOTES:
            return
        rows = [
            {
                "id": self._services.ids.next_id(),
                "import_id": job.id,
                "row": one.row,
                "column": one.column,
                "code": one.code,
                "data": dict(one.data),
            }
            for one in sorted(notes, key=lambda one: one.row)
        ]
        insert_rows(session, ImportNote, rows)

    def _finish(self, job: ImportJob, encoding: str | None, rows: int) -> None:
        def end(session: Session, mine: ImportJob) -> None:
            mine.rows, mine.encoding = rows, encoding
            _give_back(session, mine)
            if mine.state == State.CHECKING:
                mine.state = State.CHECKED.value
                return
            mine.state, mine.finished_at = State.DONE.value, self._services.clock.now()
            session.execute(delete(ImportPiece).where(ImportPiece.import_id == mine.id))

        announce(self._services, self._step(job, end))

    def _fail(self, job: ImportJob, error: FileBrokenError) -> None:
        def end(session: Session, mine: ImportJob) -> None:
            begin_again(session, mine)
            mine.state, mine.finished_at = State.FAILED.value, self._services.clock.now()
            mine.failure = {"code": error.note, "data": {name: str(value) for name, value in error.data.items()}}
            session.execute(delete(ImportPiece).where(ImportPiece.import_id == mine.id))

        announce(self._services, self._step(job, end, anew=True))

    def _step(self, job: ImportJob, work: Callable[[Session, ImportJob], None], *, anew: bool = False) -> ImportJob:
        """One transaction over the job; `anew`: however far it has come. Raises LostError."""
        with self._services.db.transaction() as session:
            mine = self._mine(session, job, anew=anew)
            work(session, mine)
            return mine


def _give_back(_session: Session, job: ImportJob) -> None:
    job.leased_by = job.leased_until = None


def _batches(readings: Iterator[Reading]) -> Iterator[list[Reading]]:
    """Rows by the batch; whatever else this process does has its turn between a few."""
    batch: list[Reading] = []
    for number, reading in enumerate(readings, 1):
        batch.append(reading)
        if number % SLICE == 0:
            gevent.sleep(0)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
