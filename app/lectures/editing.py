"""Edit a lecture, while students may be booking it: any field, its sizes too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admission.engine import Engine
from app.admission.models import SeatPool
from app.admission.resizing import create_pool, pools_of
from app.admission.telling import Told, store_effects, tell
from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.errors import ConflictError, InvalidInputError
from app.extensions.services import Services
from app.lectures.audiences import check_audiences
from app.lectures.cancelling import cancel_lecture
from app.lectures.draft import LectureDraft
from app.lectures.errors import LectureBookedError, LectureCancelledError, LectureNotFoundError
from app.lectures.models import KIND, Lecture
from app.lectures.queries import managed_lecture
from app.lectures.quota.calendar import calendar_of
from app.lectures.rooms import take_room
from app.lectures.views import LectureView, draft_of
from app.seating.pools import Named, Sizes, name_pools, plan_sizes
from app.seating.reservation_rows import put_reservations, reservations_of
from app.seating.resize_lock import sizing_alone
from app.seating.sizing import SizePlan, commit_sizes, lock_pools, withdrawn

ATTEMPTS = 4
_PLACING = ("place", "starts_at", "ends_at")
_COLUMNS = (
    *("title", "speaker", "summary", "place", "starts_at", "ends_at", "opens_at", "closes_at", "state", "capacity"),
    *("waitlist_capacity", "reserved_until"),
)


class _StaleError(Exception):
    """The lecture changed between being read and being locked."""


@dataclass(frozen=True, slots=True)
class _Edit:
    """One edit, worked out from what was read: `named` are the reservations with their pools."""

    lecture_id: int
    version: int
    before: LectureDraft
    after: LectureDraft
    pools: Mapping[str, SeatPool]
    named: Named
    sizes: SizePlan
    guard_room: bool = True


def edit_lecture(
    services: Services,
    engine: Engine,
    actor: Actor,
    lecture_id: int,
    changes: Mapping[str, Any],
    *,
    version: int | None = None,
    guard_room: bool = True,
) -> LectureView:
    """Change the fields of LectureDraft named in `changes`. With `version`, only that version is changed; with
    `guard_room`, not into a room that another lecture has then.

    Raises InvalidInputError, ConflictError, CapacityTakenError, RoomTakenError, LectureBookedError,
    LectureCancelledError, LectureNotFoundError; UnavailableError when seats must be taken out of a Redis that is away.
    """
    actor.require(Permission.LECTURES_MANAGE)
    if changes.get("state") == "cancelled":
        if len(changes) > 1:
            raise InvalidInputError(errors={"state": ["A cancellation cannot be combined with other changes."]})
        return cancel_lecture(services, engine, actor, lecture_id, version=version)
    with sizing_alone(services.db, lecture_id):
        _edit(services, engine, lecture_id, changes, version, guard_room=guard_room)
    return managed_lecture(services, engine, lecture_id)


def _edit(
    services: Services,
    engine: Engine,
    lecture_id: int,
    changes: Mapping[str, Any],
    version: int | None,
    *,
    guard_room: bool,
) -> None:
    for _ in range(ATTEMPTS):
        edit = replace(_prepare(services, lecture_id, changes, version), guard_room=guard_room)
        if edit.after == edit.before:
            return
        try:
            with withdrawn(engine.resizer, edit.sizes, edit.pools) as withdrawal:
                write = partial(_write, services=services, engine=engine, edit=edit, withdrawal=withdrawal)
                told = services.db.retrying(write)
        except _StaleError:  # closed, frozen or cancelled meanwhile
            continue
        tell(services, engine, told)
        return
    raise ConflictError


def _prepare(services: Services, lecture_id: int, changes: Mapping[str, Any], version: int | None) -> _Edit:
    """Read the lecture as it is and work out what it shall be."""
    with services.db.transaction() as session:
        lecture = session.scalar(select(Lecture).where(Lecture.id == lecture_id, Lecture.is_deleted.is_(False)))
        if lecture is None:
            raise LectureNotFoundError
        reservations = reservations_of(session, KIND, [lecture_id]).get(lecture_id, ())
        pools = pools_of(session, KIND, lecture_id)
    if lecture.state == "cancelled":
        raise LectureCancelledError
    if version is not None and version != lecture.version:
        raise ConflictError(version=lecture.version)
    before = draft_of(lecture, reservations)
    after = replace(before, **changes)
    after.check()
    named = name_pools(after.reservations, {one.pool: one.name for one in reservations}, pools)
    sizes = plan_sizes(KIND, lecture_id, Sizes(after.capacity, after.waitlist_capacity, named), pools)
    return _Edit(lecture_id, lecture.version, before, after, pools, named, sizes)


def _write(session: Session, services: Services, engine: Engine, edit: _Edit, withdrawal: str) -> Told:
    lecture = session.scalars(select(Lecture).where(Lecture.id == edit.lecture_id).with_for_update()).one()
    if lecture.version != edit.version:
        raise _StaleError
    _check_state(edit, lock_pools(session, KIND, edit.lecture_id))
    check_audiences(session, edit.after)
    if edit.guard_room and any(getattr(edit.after, name) != getattr(edit.before, name) for name in _PLACING):
        take_room(session, services.ids, edit.after, edit.lecture_id)
    for name in _COLUMNS:
        setattr(lecture, name, getattr(edit.after, name))
    lecture.audience = edit.after.restriction.to_json()
    calendar = calendar_of(session, services.settings.campus_timezone)
    if lecture.scope_term not in calendar.over or lecture.ends_at > services.clock.now():
        lecture.scope_term = calendar.term_at(lecture.starts_at)
    lecture.version += 1
    put_reservations(session, services.ids, (KIND, edit.lecture_id), edit.named)
    for change in edit.sizes.new:
        create_pool(session, services.ids.next_id(), change)
    session.flush()
    resizes, standings = commit_sizes(session, engine, edit.sizes, withdrawal)
    return store_effects(session, services.ids, [(KIND, edit.lecture_id)], resizes=resizes, claims=standings)


def _check_state(edit: _Edit, pools: Mapping[str, SeatPool]) -> None:
    """A lecture that somebody has booked stays in public."""
    taken, waiting = (sum(getattr(pool, name) for pool in pools.values()) for name in ("taken", "waiting"))
    if edit.after.state == "draft" and edit.before.state != "draft" and taken + waiting > 0:
        raise LectureBookedError(taken=taken, waiting=waiting)
