"""Delete a draft. What was published is called off instead, so that everybody is told."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.extensions.services import Services
from app.extensions.writing import write
from app.lectures.cancelling import lock_lecture
from app.lectures.errors import LectureStateError


def delete_lecture(services: Services, actor: Actor, lecture_id: int) -> None:
    """Delete logically: whoever had booked it before it became a draft again still finds it in the log.

    Raises LectureNotFoundError; LectureStateError unless it is a draft.
    """
    actor.require(Permission.LECTURES_MANAGE)

    def work(session: Session) -> None:
        lecture = lock_lecture(session, lecture_id)
        if lecture.state != "draft":
            raise LectureStateError(state=lecture.state)
        lecture.is_deleted = True
        lecture.version += 1

    write(services, work)
