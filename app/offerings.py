"""Which kinds of offerings there are: the one place that tells the engine of the domains."""

from __future__ import annotations

from app.admission.engine import Engine
from app.admission.kinds import Kind, Kinds
from app.enrolment.kind import SectionKind
from app.extensions.ids import Snowflakes
from app.extensions.services import Services
from app.lectures.kind import LectureKind


def all_kinds(ids: Snowflakes) -> Kinds:
    """Every kind by its name."""
    kinds: list[Kind] = [LectureKind(ids), SectionKind(ids)]
    return {kind.name: kind for kind in kinds}


def build_engine(services: Services) -> Engine:
    """The engine of this process with every kind."""
    return Engine.build(services, all_kinds(services.ids))
