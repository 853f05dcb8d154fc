"""Call a lecture off: it is over for everybody who booked it, in one transaction, and everybody is told."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admission.engine import Engine
from app.admission.revoking import revoke_all
from app.admission.telling import Told, store_effects, tell
from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.errors import ConflictError
from app.extensions.services import Services
from app.lectures.errors import LectureNotFoundError
from app.lectures.models import KIND, Lecture
from app.lectures.queries import managed_lecture
from app.lectures.views import LectureView


def cancel_lecture(
    services: Services, engine: Engine, actor: Actor, lecture_id: int, *, version: int | None = None
) -> LectureView:
    """Cancel the lecture and every live booking of it (reason lecture_cancelled). Cancelling again changes nothing.

    Raises LectureNotFoundError; ConflictError when `version` is given and not the lecture's.
    """
    actor.require(Permission.LECTURES_MANAGE)
    tell(services, engine, services.db.retrying(lambda session: _write(session, services, engine, lecture_id, version)))
    return managed_lecture(services, engine, lecture_id)


def _write(session: Session, services: Services, engine: Engine, lecture_id: int, version: int | None) -> Told:
    lecture = lock_lecture(session, lecture_id)
    if lecture.state == "cancelled":
        return []
    if version is not None and version != lecture.version:
        raise ConflictError(version=lecture.version)
    lecture.state = "cancelled"
    lecture.version += 1
    session.flush()
    # Settle reads the state under the pools' lock, which revoking takes: a claim on its way is refused or revoked.
    now = services.clock.epoch_ms()
    standings = revoke_all(session, engine.kinds, KIND, lecture_id, reason="lecture_cancelled", now_ms=now)
    return store_effects(session, services.ids, [(KIND, lecture_id)], claims=standings)


def lock_lecture(session: Session, lecture_id: int) -> Lecture:
    """The lecture's row under lock. Raises LectureNotFoundError."""
    query = select(Lecture).where(Lecture.id == lecture_id, Lecture.is_deleted.is_(False))
    lecture = session.scalar(query.with_for_update())
    if lecture is None:
        raise LectureNotFoundError
    return lecture
