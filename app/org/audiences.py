"""Colleges and classes that an audience names must exist: there are no foreign keys to object (S2's rule)."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.org.audience import Audience
from app.org.models import College, SchoolClass


def unknown_groups(session: Session, audiences: Iterable[Audience]) -> list[str]:
    """What these audiences name and is not there, in sentences for a form."""
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
