"""Edit a section while students are choosing: its fields, times and seats.

- **Seats**, reserved ones too, are raised in MariaDB first and lowered in Redis first, never below what is taken
  (app/seating/sizing.py).
- **Times** and teachers may change freely while no room, no teacher and no student would be in two sections at once; else 409
  says who, and `force` with a reason does it anyway: students keep both and are told. Who waits is asked again when promoted.
- **Published** once chosen stays so: it can be cancelled, but not become a draft.
Course and term are what a section is; it is not moved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from app.admission.engine import Engine
from app.admission.outbox import News
from app.admission.resizing import create_pool
from app.admission.telling import Told, store_effects, tell
from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.catalogue.errors import SectionNotFoundError, TermNotFoundError
from app.catalogue.models import KIND, Section, Term
from app.catalogue.occupancy import lock_timetable
from app.catalogue.sections import SectionDetail
from app.enrolment.errors import SectionChosenError
from app.enrolment.holders import Holder, lock_holders
from app.enrolment.sections.clashing import clashing
from app.enrolment.sections.concerns import Concern, doubles_of, refuse, students_in
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
    """Change the named fields; `meetings` and `reservations` are all of them. `force` lets times clash.

    Raises SectionNotFoundError, SectionCancelledError, SectionChosenError, TeacherNotFoundError, InvalidInputError,
    ConflictError, CapacityTakenError, PlaceTakenError, TeacherTakenError, MeetingsClashError; UnavailableError when seats
    must be taken out of a Redis that is away.
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
    concerns = _doubles(session, edit, section)
    holders = lock_holders(session, [edit.section_id])
    _check_state(section, fields, holders)
    concerns += clashing(session, edit.section_id, [one.slot for one in edit.fresh], holders)
    if not edit.force:
        refuse(concerns)
    if not _put(session, services, edit, section, fields):
        return []
    resizes, standings = commit_sizes(session, engine, edit.sizes, withdrawal)
    clash = News("times_clash", KIND, edit.section_id, students_in(concerns))
    return store_effects(
        session, services.ids, [(KIND, edit.section_id)],
        resizes=resizes, claims=standings, news=[clash] if clash.people else [],
    )  # fmt: skip


def _doubles(session: Session, edit: SectionEdit, section: Section) -> list[Concern]:
    """Rooms and teachers in two places: of meetings that are new, and of all of them when the teacher is."""
    teacher = edit.fields.get("teacher_id", section.teacher_id)
    other_teacher = teacher != section.teacher_id
    if edit.meetings is None and not other_teacher:
        return []
    lock_timetable(session, [section.term_id])  # before accounts and pools, for which students wait
    place = (section.term_id, section.id)
    if edit.meetings is not None:
        check_meetings(edit.meetings, locked(session, Term, section.term_id, TermNotFoundError).weeks)
    found = doubles_of(session, place, edit.fresh, None if other_teacher else teacher, rooms=True)
    return found + (doubles_of(session, place, edit.wanted, teacher, rooms=False) if other_teacher else [])


def _put(session: Session, services: Services, edit: SectionEdit, section: Section, fields: Mapping[str, Any]) -> bool:
    """Write the rows; False when nothing is different."""
    if edit.meetings is not None:
        put_meetings(session, services.ids, edit.section_id, edit.meetings)
    if edit.named is not None:
        put_kept(session, services.ids, edit.section_id, edit.named)
    for one in edit.sizes.new:
        create_pool(session, services.ids.next_id(), one)
    if not change(section, fields) and (edit.meetings is not None or edit.named is not None):
        section.version += 1  # the description is as new as this row
    session.flush()
    return section.version != edit.version or bool(edit.sizes.changes)


def _check_state(section: Section, fields: Mapping[str, Any], holders: Sequence[Holder]) -> None:
    if fields.get("state") == "draft" and section.state != "draft" and holders:
        taken = sum(one.state == "confirmed" for one in holders)
        raise SectionChosenError(taken=taken, waiting=len(holders) - taken)
