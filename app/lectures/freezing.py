"""Pause and resume one lecture's booking, live: an operator's brake (nothing that was accepted is touched)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.admission.engine import Engine
from app.admission.outbox import Effects, append
from app.extensions.services import Services
from app.lectures.errors import LectureNotFoundError
from app.lectures.models import KIND, Lecture


def set_frozen(services: Services, engine: Engine, lecture_id: int, *, frozen: bool) -> None:
    """Freeze or resume. Doing it twice changes nothing. Raises LectureNotFoundError."""
    effects = Effects(offerings=[(KIND, lecture_id)])

    def change(session: Session) -> None:
        lecture = session.get(Lecture, lecture_id, with_for_update=True)
        if lecture is None or lecture.is_deleted:
            raise LectureNotFoundError
        if lecture.frozen != frozen:
            lecture.frozen = frozen
            lecture.version += 1
            append(session, services.ids, effects)

    services.db.retrying(change)
    engine.applier.apply(effects)
