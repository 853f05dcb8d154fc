"""Create a lecture. It can be booked as soon as the answer is out (if it is open)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.admission.engine import Engine
from app.admission.resizing import create_pool
from app.admission.telling import Told, store_effects, tell
from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.errors import InvalidInputError
from app.extensions.ids import Snowflakes
from app.extensions.services import Services
from app.lectures.audiences import check_audiences
from app.lectures.draft import LectureDraft
from app.lectures.models import KIND, Lecture
from app.lectures.queries import managed_lecture
from app.lectures.quota.calendar import calendar_of
from app.lectures.rooms import take_room
from app.lectures.views import LectureView
from app.seating.pools import Sizes, name_pools, plan_sizes
from app.seating.reservation_rows import put_reservations


def create_lecture(
    services: Services, engine: Engine, actor: Actor, draft: LectureDraft, *, guard_room: bool = True
) -> LectureView:
    """Create from `draft`, pools included. Raises InvalidInputError and, with `guard_room`, RoomTakenError."""
    actor.require(Permission.LECTURES_MANAGE)
    draft.check()
    if draft.state == "cancelled":
        raise InvalidInputError(errors={"state": ["A new lecture is a draft or published."]})
    lecture_id = services.ids.next_id()

    def write(session: Session) -> Told:
        check_audiences(session, draft)
        if guard_room:
            take_room(session, services.ids, draft, lecture_id)
        scope = calendar_of(session, services.settings.campus_timezone).term_at(draft.starts_at)
        insert_lecture(session, services.ids, lecture_id, draft, created_by=actor.account_id, scope_term=scope)
        return store_effects(session, services.ids, [(KIND, lecture_id)])

    tell(services, engine, services.db.retrying(write))
    return managed_lecture(services, engine, lecture_id)


def insert_lecture(
    session: Session,
    ids: Snowflakes,
    lecture_id: int,
    draft: LectureDraft,
    *,
    created_by: int,
    scope_term: int | None = None,
) -> None:
    """The rows of a new lecture: itself, its reservations, its pools. A draft that was checked."""
    session.add(
        Lecture(
            id=lecture_id,
            title=draft.title,
            speaker=draft.speaker,
            summary=draft.summary,
            place=draft.place,
            starts_at=draft.starts_at,
            ends_at=draft.ends_at,
            opens_at=draft.opens_at,
            closes_at=draft.closes_at,
            state=draft.state,
            audience=draft.restriction.to_json(),
            capacity=draft.capacity,
            waitlist_capacity=draft.waitlist_capacity,
            reserved_until=draft.reserved_until,
            scope_term=scope_term,
            version=1,
            created_by=created_by,
        )
    )
    named = name_pools(draft.reservations, {}, ())
    put_reservations(session, ids, (KIND, lecture_id), named)
    for change in plan_sizes(KIND, lecture_id, Sizes(draft.capacity, draft.waitlist_capacity, named), {}).new:
        create_pool(session, ids.next_id(), change)
    session.flush()
