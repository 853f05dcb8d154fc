"""Rounds, people and scopes as managers see them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flask import Response, jsonify

from app.catalogue.models import Course
from app.catalogue.rounds import RoundView
from app.enrolment.permits.people import Person
from app.enrolment.rounds.seeds import revealed_seed
from blueprints.catalogue.rounds import round_document
from blueprints.moments import campus_time
from blueprints.paging import make_cursor

View = TypeVar("View")


def managed_document(view: RoundView) -> dict[str, Any]:
    """A round with what only managers see. Its seed is nobody's before the draw."""
    one = view.round
    hidden = {"state": one.state, "seed": revealed_seed(one), "drawn_at": campus_time(one.drawn_at)}
    return {**round_document(view), **hidden}


def person_document(person: Person | None) -> dict[str, Any] | None:
    """None for somebody who is no student any more."""
    if person is None:
        return None
    return {
        "id": str(person.id),
        "username": person.username,
        "student_no": person.student_no,
        "display_name": person.display_name,
    }


def scope_document(course: Course, section_id: int | None, section_no: int | None) -> dict[str, Any]:
    """A course, or one of its sections."""
    return {
        "course_id": str(course.id),
        "course_code": course.code,
        "course_name": course.name,
        "section_id": str(section_id) if section_id is not None else None,
        "section_no": section_no,
    }


def created(document: dict[str, Any], location: str = "") -> Response:
    """201 with the new thing."""
    response = jsonify(document)
    response.status_code = 201
    if location:
        response.headers["Location"] = location
    return response


def page(
    views: Sequence[View], limit: int, document: Callable[[View], dict[str, Any]], row_id: Callable[[View], int]
) -> dict[str, Any]:
    """A page of what was asked for with one more than `limit`."""
    more = make_cursor(row_id(views[limit - 1])) if len(views) > limit else None
    return {"items": [document(view) for view in views[:limit]], "next_cursor": more}
