"""Edit a section while students are choosing: its fields, times and seats.

- **Seats**, reserved ones too, are raised in MariaDB first and lowered in Redis first, never below what is taken
  (app/seating/sizing.py).
- **Times** may change freely while no student's timetable breaks; else 409 says how many would clash, and `force` with a
  reason does it anyway: they keep both. Who waits is asked again when promoted.
- **Published** once chosen stays so: it can be cancelled, but not become a draft.
Course and term are what a section is; it is not moved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from app.admission.engine import Engine
from app.admission.resizing import create_pool
from app.admission.telling import Told, store_effects, tell
from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.catalogue.errors import SectionNotFoundError, TermNotFoundError
from app.catalogue.models import KIND, Section, Term
from app.catalogue.sections import SectionDetail
from app.enrolment.errors import MeetingsClashError, SectionChosenError
from app.enrolment.holders import Holder, lock_holders
from app.enrolment.sections.clashing import clashing
from app.enrolment.sections.draft import check_meetings
from app.enrolment.sections.edit_plan import SectionEdit, StaleError, prepare
from app.enrolment.sections.reading import managed_section
from app.enrolment.sections.rows import put_kept, put_meetings, teacher_of
from app.errors import ConflictError
from app.extensions.services import Services
from app.extensions.versions import change, locked
from app.seating.resize_lock import sizing_alone
from app.seating.sizing import commit_sizes, withdrawn

ATTEMPTS = 4


def edit_section(
    services: Services,
    engine: Engine,
    actor: Actor,
    section_id: int,
    changes: Mapping[str, Any],
    *,
    version: int | None = None,
    force: bool = False,
) -> SectionDetail:
    """Change the named fields; `meetings` are all of them. `force` lets present students' times clash.

    Raises SectionNotFoundError, SectionCancelledError, SectionChosenError, TeacherNotFoundError, InvalidInputError,
    ConflictError, CapacityTakenError, MeetingsClashError; UnavailableError when seats must be taken out of a Redis that
    is away.
    """
    actor.require(Permission.COURSES_MANAGE)
    with sizing_alone(services.db, section_id):
        for _ in range(ATTEMPTS):
            edit = prepare(services, section_id, changes, version, force=force)
            try:
                with withdrawn(engine.resizer, edit.sizes, edit.pools) as withdrawal:
                    write = partial(_write, services=services, engine=engine, edit=edit, withdrawal=withdrawal)
                    told = services.db.retrying(write)
            except StaleError:  # frozen or cancelled meanwhile
                continue
            tell(services, engine, told)
            return managed_section(services, actor, section_id)
    raise ConflictError


def _write(session: Session, services: Services, engine: Engine, edit: SectionEdit, withdrawal: str) -> Told:
    section = locked(session, Section, edit.section_id, SectionNotFoundError)
    if section.version != edit.version:
        raise StaleError
    fields = dict(edit.fields)
    if fields.get("teacher_id") is not None:
        fields.setdefault("teacher_names", teacher_of(session, fields["teacher_id"]).display_name)
    holders = lock_holders(session, [edit.section_id])
    _check_state(section, fields, holders)
    if edit.meetings is not None:
        _move(session, services, edit, section, holders)
    if edit.named is not None:
        put_kept(session, services.ids, edit.section_id, edit.named)
    for one in edit.sizes.new:
        create_pool(session, services.ids.next_id(), one)
    if not change(section, fields) and (edit.meetings is not None or edit.named is not None):
        section.version += 1  # the description is as new as this row
    session.flush()
    if section.version == edit.version and not edit.sizes.changes:
        return []
    resizes, standings = commit_sizes(session, engine, edit.sizes, withdrawal)
    return store_effects(session, services.ids, [(KIND, edit.section_id)], resizes=resizes, claims=standings)


def _check_state(section: Section, fields: Mapping[str, Any], holders: Sequence[Holder]) -> None:
    if fields.get("state") == "draft" and section.state != "draft" and holders:
        taken = sum(one.state == "confirmed" for one in holders)
        raise SectionChosenError(taken=taken, waiting=len(holders) - taken)


def _move(session: Session, services: Services, edit: SectionEdit, section: Section, holders: Sequence[Holder]) -> None:
    meetings = edit.meetings or ()
    check_meetings(meetings, locked(session, Term, section.term_id, TermNotFoundError, shared=True).weeks)
    broken = clashing(session, edit.section_id, [one.slot for one in meetings], holders)
    if broken and not edit.force:
        raise MeetingsClashError(students=len(broken))
    put_meetings(session, services.ids, edit.section_id, meetings)
