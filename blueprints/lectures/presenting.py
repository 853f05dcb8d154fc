"""A lecture as the API shows it: ids as strings, times in campus time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from app.errors import InvalidInputError
from app.lectures.models import Lecture
from app.lectures.queries import Place
from app.lectures.views import LectureView
from blueprints.converters import LARGEST
from blueprints.moments import EARLIEST, LATEST, campus_time
from blueprints.paging import make_cursor

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def lecture_document(view: LectureView) -> dict[str, Any]:
    """The lecture document of docs/plan.md."""
    lecture = view.lecture
    return {
        **lecture_brief(lecture),
        "summary": lecture.summary,
        "opens_at": campus_time(lecture.opens_at),
        "closes_at": campus_time(lecture.closes_at),
        "phase": view.phase,
        "capacity": lecture.capacity,
        "waitlist_capacity": lecture.waitlist_capacity,
        "seats_left": view.seats_left,
        "waiting": view.waiting,
        "seats_as_of": campus_time(view.seats_as_of),
        "restriction": view.restriction.to_json(),
        "pools": [
            {"pool": one.pool, "name": one.name, "capacity": one.capacity, "seats_left": one.seats_left}
            for one in view.pools
        ],
        "reserved_until": campus_time(lecture.reserved_until),
        "frozen": lecture.frozen,
        "version": lecture.version,
    }


def lecture_brief(lecture: Lecture) -> dict[str, Any]:
    """What a ticket says of its lecture."""
    return {
        "id": str(lecture.id),
        "title": lecture.title,
        "speaker": lecture.speaker,
        "place": lecture.place,
        "starts_at": campus_time(lecture.starts_at),
        "ends_at": campus_time(lecture.ends_at),
        "state": lecture.state,
    }


def lecture_cursor(views: Sequence[LectureView], limit: int) -> str | None:
    """The cursor after the first `limit` of `views`, None when there are no more."""
    if len(views) <= limit:
        return None
    last = views[limit - 1].lecture
    return make_cursor((last.starts_at - _EPOCH) // _MICROSECOND, last.id)


def read_lecture_cursor(values: list[Any] | None) -> Place | None:
    """(starts_at, id) to go on after. Raises InvalidInputError for what is no cursor of this list."""
    if values is None:
        return None
    if len(values) != 2 or not all(type(one) is int for one in values):
        raise _bad_cursor()
    micros, lecture_id = values
    if not 0 <= lecture_id <= LARGEST or not 0 <= micros <= (LATEST - EARLIEST) // _MICROSECOND:
        raise _bad_cursor()
    return _EPOCH + micros * _MICROSECOND, lecture_id


def _bad_cursor() -> InvalidInputError:
    return InvalidInputError(errors={"cursor": ["Not a cursor of this list."]})
