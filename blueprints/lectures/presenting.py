"""A lecture as the API shows it: ids as strings, times in campus time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.lectures.models import Lecture
from app.lectures.quota.standing import OwnQuota
from app.lectures.views import LectureView
from blueprints.moments import campus_time
from blueprints.paging import moment_cursor
from blueprints.reservations import pool_documents


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
        "pools": pool_documents(view.pools),
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


def quota_document(own: OwnQuota) -> dict[str, Any]:
    """What a student has of the lectures of a term."""
    return {
        "limit": own.rules.quota,
        "used": own.used,
        "missed": own.missed,
        "reason": own.problem.code if own.problem else None,
    }


def lecture_cursor(views: Sequence[LectureView], limit: int) -> str | None:
    """The cursor after the first `limit` of `views`, None when there are no more."""
    if len(views) <= limit:
        return None
    last = views[limit - 1].lecture
    return moment_cursor(last.starts_at, last.id)
