"""The room double-booking guard: no two lectures in one place at one time."""

from __future__ import annotations

from sqlalchemy import Table, select
from sqlalchemy.dialects.mysql import insert
from sqlalchemy.orm import Session

from app.extensions.ids import Snowflakes
from app.lectures.draft import LectureDraft
from app.lectures.errors import RoomTakenError
from app.lectures.models import Lecture, LectureRoom
from app.seating.places import is_virtual

ROOM: Table = LectureRoom.__table__  # type: ignore[assignment]


def take_room(session: Session, ids: Snowflakes, draft: LectureDraft, lecture_id: int) -> None:
    """Raise RoomTakenError when another lecture is in that place then; keeps others out until the transaction ends."""
    if is_virtual(draft.place):
        return
    lock_room(session, ids, draft.place)
    other = session.execute(
        select(Lecture.id, Lecture.title)
        .where(
            Lecture.place == draft.place,
            Lecture.starts_at < draft.ends_at,
            Lecture.ends_at > draft.starts_at,
            Lecture.state != "cancelled",
            Lecture.is_deleted.is_(False),
            Lecture.id != lecture_id,
        )
        .limit(1)
    ).first()
    if other is not None:
        raise RoomTakenError(title=other.title, lecture_id=str(other.id))


def lock_room(session: Session, ids: Snowflakes, place: str) -> None:
    """Lock the place's own row, made when it is missing.

    Under READ COMMITTED a locking read of the lectures there would lock nothing while there are none, and two managers
    would both find the room free.
    """
    row = insert(ROOM).values(id=ids.next_id(), name=place)
    session.execute(row.on_duplicate_key_update(name=row.inserted.name))
