"""Colleges and classes that an audience names must exist: there are no foreign keys to object (S2's rule)."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import InvalidInputError
from app.lectures.draft import LectureDraft
from app.org.audience import Audience
from app.org.models import College, SchoolClass


def check_audiences(session: Session, draft: LectureDraft) -> None:
    """Raise InvalidInputError for a restriction or reservation that names what is not there."""
    errors = {
        field: found
        for field, audiences in (
            ("restriction", [draft.restriction]),
            ("reservations", [one.audience for one in draft.reservations]),
        )
        if (found := _unknown(session, audiences))
    }
    if errors:
        raise InvalidInputError(errors=errors)


def _unknown(session: Session, audiences: Iterable[Audience]) -> list[str]:
    colleges: set[int] = set()
    classes: set[int] = set()
    for audience in audiences:
        colleges |= audience.colleges
        classes |= audience.classes
    found = []
    if colleges:
        known = set(session.scalars(select(College.id).where(College.id.in_(colleges))))
        found += [f"No such college: {one}" for one in sorted(colleges - known)]
    if classes:
        known = set(session.scalars(select(SchoolClass.id).where(SchoolClass.id.in_(classes))))
        found += [f"No such class: {one}" for one in sorted(classes - known)]
    return found
