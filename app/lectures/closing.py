"""Close a lecture's booking now."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.admission.engine import Engine
from app.admission.telling import Told, store_effects, tell
from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.extensions.clock import from_epoch_ms
from app.extensions.services import Services
from app.lectures.cancelling import lock_lecture
from app.lectures.errors import LectureCancelledError, LectureNotOpenedError
from app.lectures.models import KIND
from app.lectures.queries import managed_lecture
from app.lectures.views import LectureView


def close_lecture(services: Services, engine: Engine, actor: Actor, lecture_id: int) -> LectureView:
    """Let booking end now; nothing changes when it has ended already.

    Claims admitted before now are still decided by the window they came in. Raises LectureNotFoundError,
    LectureCancelledError, LectureNotOpenedError.
    """
    actor.require(Permission.LECTURES_MANAGE)
    tell(services, engine, services.db.retrying(lambda session: _write(session, services, lecture_id)))
    return managed_lecture(services, engine, lecture_id)


def _write(session: Session, services: Services, lecture_id: int) -> Told:
    lecture = lock_lecture(session, lecture_id)
    if lecture.state == "cancelled":
        raise LectureCancelledError
    # Whole milliseconds: that is what admission compares with.
    now = from_epoch_ms(services.clock.epoch_ms())
    if lecture.closes_at <= now:
        return []
    if lecture.opens_at >= now:
        opens_at = lecture.opens_at.astimezone(services.settings.campus_timezone)
        raise LectureNotOpenedError(opens_at=opens_at.isoformat())
    lecture.closes_at = now
    lecture.version += 1
    session.flush()
    return store_effects(session, services.ids, [(KIND, lecture_id)])
