"""Reserved seats of lectures are opened to all at their time (app/seating/opening.py)."""

from __future__ import annotations

from app.lectures.errors import LectureNotFoundError
from app.lectures.models import KIND, Lecture
from app.lectures.queries import not_over
from app.seating.opening import Reserving

LECTURES = Reserving(KIND, Lecture, LectureNotFoundError, not_over)
