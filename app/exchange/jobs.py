"""An import as its owner sees it: upload, look, confirm, take away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import PurePath

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.auth.actor import Actor
from app.exchange.errors import (
    FileTooLargeError,
    ImportEmptyError,
    ImportFaultyError,
    ImportNotFoundError,
    ImportStateError,
)
from app.exchange.kinds.registry import IMPORTED, kind_of
from app.exchange.models import ImportJob, ImportNote, ImportPiece, State
from app.exchange.rows import insert_rows
from app.extensions.records import record
from app.extensions.services import Services

LIMIT_MB = 20
LARGEST = LIMIT_MB * 1024 * 1024
PIECE = 256 * 1024
SAMPLE = 20
NOTES_PAGE = 1000
KEEP = timedelta(days=7)


@record
class JobView:
    """An import and the first notes on it."""

    job: ImportJob
    notes: tuple[ImportNote, ...]


def upload(services: Services, actor: Actor, kind: str, filename: str, data: bytes) -> JobView:
    """Keep the file; it is checked in the background, and nothing changes. Raises FileTooLargeError, KindUnknownError,
    ForbiddenError."""
    kind_of(actor, kind)
    if len(data) > LARGEST:
        raise FileTooLargeError(limit_mb=LIMIT_MB)
    job = ImportJob(
        id=services.ids.next_id(),
        kind=kind,
        filename=PurePath(filename.replace("\\", "/")).name[:200],
        size=len(data),
        state=State.CHECKING.value,
        rows=0,
        done=0,
        last_row=0,
        errors=0,
        new_rows=0,
        changed_rows=0,
        same_rows=0,
        created_by=actor.account_id,
        at=services.clock.now(),
    )
    with services.breakers.guard("database"), services.db.transaction() as session:
        session.add(job)
        session.flush()
        for number, at in enumerate(range(0, len(data), PIECE)):
            piece = {"id": services.ids.next_id(), "import_id": job.id, "number": number}
            insert_rows(session, ImportPiece, [{**piece, "data": data[at : at + PIECE]}])
    return JobView(job, ())


def find_job(services: Services, actor: Actor, job_id: int) -> JobView:
    """Raises ImportNotFoundError, ForbiddenError (another kind's office)."""
    with services.breakers.guard("database"), services.db.transaction() as session:
        job = _job(session, actor, job_id)
        query = select(ImportNote).where(ImportNote.import_id == job.id).order_by(ImportNote.id)
        return JobView(job, tuple(session.scalars(query.limit(SAMPLE))))


def list_jobs(services: Services, actor: Actor, *, before: int | None, limit: int) -> Sequence[ImportJob]:
    """Up to `limit` imports of the kinds that the actor may import, the newest first."""
    kinds = [kind.name for kind in IMPORTED.values() if actor.may(kind.permission)]
    query = select(ImportJob).where(ImportJob.kind.in_(kinds), ImportJob.is_deleted.is_(False))
    if before is not None:
        query = query.where(ImportJob.id < before)
    with services.breakers.guard("database"), services.db.transaction() as session:
        return session.scalars(query.order_by(ImportJob.id.desc()).limit(limit)).all()


def confirm(services: Services, actor: Actor, job_id: int, *, skip_errors: bool) -> JobView:
    """Let it be written: from its beginning, every row checked again. A second time changes nothing.

    Raises ImportNotFoundError, ImportStateError, ImportFaultyError, ImportEmptyError.
    """
    with services.breakers.guard("database"), services.db.transaction() as session:
        job = _job(session, actor, job_id, lock=True)
        if job.state in {State.RUNNING, State.DONE}:
            return JobView(job, ())
        if job.state != State.CHECKED:
            raise ImportStateError(state=job.state)
        if job.errors and not skip_errors:
            raise ImportFaultyError(errors=job.errors)
        if not job.new_rows + job.changed_rows:
            raise ImportEmptyError
        job.state, job.confirmed_at = State.RUNNING.value, services.clock.now()
        begin_again(session, job)
    return JobView(job, ())


def begin_again(session: Session, job: ImportJob) -> None:
    """A step counts for itself."""
    job.done = job.last_row = job.errors = job.new_rows = job.changed_rows = job.same_rows = 0
    session.execute(delete(ImportNote).where(ImportNote.import_id == job.id))


def withdraw(services: Services, actor: Actor, job_id: int) -> None:
    """Forget the file of an import that is not running. Raises ImportNotFoundError, ImportStateError."""
    with services.breakers.guard("database"), services.db.transaction() as session:
        job = _job(session, actor, job_id, lock=True)
        if job.state == State.RUNNING:
            raise ImportStateError(state=job.state)
        job.is_deleted = True
        session.execute(delete(ImportPiece).where(ImportPiece.import_id == job.id))


def forget_old(services: Services) -> int:
    """Take away what was uploaded KEEP ago and never confirmed: files hold people's data. Returns how many."""
    before = services.clock.now() - KEEP
    with services.db.transaction() as session:
        query = select(ImportJob).where(ImportJob.state == State.CHECKED.value, ImportJob.at < before)
        jobs = session.scalars(query.where(ImportJob.is_deleted.is_(False)).limit(100).with_for_update()).all()
        for job in jobs:
            job.is_deleted = True
        session.execute(delete(ImportPiece).where(ImportPiece.import_id.in_([job.id for job in jobs])))
        return len(jobs)


def all_notes(services: Services, actor: Actor, job_id: int) -> Iterator[ImportNote]:
    """Every note of an import, page by page. Raises ImportNotFoundError with the first."""
    after = 0
    while True:
        with services.breakers.guard("database"), services.db.transaction() as session:
            job = _job(session, actor, job_id)
            query = select(ImportNote).where(ImportNote.import_id == job.id, ImportNote.id > after)
            page = session.scalars(query.order_by(ImportNote.id).limit(NOTES_PAGE)).all()
        yield from page
        if len(page) < NOTES_PAGE:
            return
        after = page[-1].id


def _job(session: Session, actor: Actor, job_id: int, *, lock: bool = False) -> ImportJob:
    job = session.get(ImportJob, job_id, with_for_update=lock or None)
    if job is None or job.is_deleted:
        raise ImportNotFoundError
    kind_of(actor, job.kind)
    return job
