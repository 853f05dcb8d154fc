"""Every kind by its name."""

from __future__ import annotations

from app.auth.actor import Actor
from app.catalogue.managing.prerequisites import PREREQUISITES
from app.exchange.errors import KindUnknownError
from app.exchange.kinds.base import Exported, Kind
from app.exchange.kinds.courses import Courses
from app.exchange.kinds.enrolments import Enrolments
from app.exchange.kinds.people import Students, Teachers
from app.exchange.kinds.plans import CompletedCourses, ProgrammeCourses
from app.exchange.kinds.prerequisites import Prerequisites
from app.exchange.kinds.sections import Sections

_KINDS: tuple[Kind, ...] = (
    Students(), Teachers(), Courses(), Prerequisites(), Sections(), ProgrammeCourses(), CompletedCourses(),
)  # fmt: skip
IMPORTED: dict[str, Kind] = {kind.name: kind for kind in _KINDS}
EXPORTED: dict[str, Exported] = {**IMPORTED, Enrolments.name: Enrolments()}

# Kinds of which one batch at a time may be written, whoever writes: the named lock is held over the commit.
ALONE = {Prerequisites.name: PREREQUISITES}


def kind_of(actor: Actor, name: str) -> Kind:
    """The kind, for somebody who may import it. Raises KindUnknownError, ForbiddenError."""
    kind = IMPORTED.get(name)
    if kind is None:
        raise KindUnknownError
    actor.require(kind.permission)
    return kind


def export_of(actor: Actor, name: str) -> Exported:
    """The same for exports."""
    kind = EXPORTED.get(name)
    if kind is None:
        raise KindUnknownError
    actor.require(kind.permission)
    return kind
