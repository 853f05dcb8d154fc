"""Pause and resume one lecture's booking, live."""

from __future__ import annotations

from app.admission.engine import Engine
from app.extensions.services import Services
from app.lectures.errors import LectureNotFoundError
from app.lectures.models import KIND, Lecture
from app.seating.freezing import set_brake


def set_frozen(services: Services, engine: Engine, lecture_id: int, *, frozen: bool) -> None:
    """Freeze or resume. Doing it twice changes nothing. Raises LectureNotFoundError."""
    set_brake(services, engine, Lecture, (KIND, lecture_id), LectureNotFoundError, frozen=frozen)
