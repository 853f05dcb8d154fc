"""Rosters on the wire: a page of entries, and the file for a spreadsheet; of lectures and of sections."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from app.seating.roster import STATES as ROSTER_STATES
from app.seating.roster import RosterEntry
from app.seating.roster_csv import roster_csv
from blueprints.context import language, services
from blueprints.moments import campus_time
from blueprints.paging import PageSchema, make_cursor, page_of


class RosterQuerySchema(Schema):
    state = fields.String(load_default=None, validate=validate.OneOf(ROSTER_STATES))


class RosterPageQuerySchema(PageSchema, RosterQuerySchema):
    pass


class RosterEntrySchema(Schema):
    claim_id = fields.UUID(required=True)
    student_id = fields.String(
        required=True, metadata={"description": "The student number; the username of somebody without one"}
    )
    student_no = fields.String(required=True, allow_none=True)
    username = fields.String(required=True)
    display_name = fields.String(required=True)
    class_name = fields.String(required=True, allow_none=True)
    state = fields.String(required=True, validate=validate.OneOf(ROSTER_STATES))
    position = fields.Integer(required=True, allow_none=True)
    decided_at = fields.AwareDateTime(required=True)
    checked_in_at = fields.AwareDateTime(required=True, allow_none=True)


ROSTER = page_of("Roster", RosterEntrySchema)


def roster_page_of(rows: Sequence[RosterEntry], limit: int) -> dict[str, Any]:
    """The page of `limit` entries, of which one more was read."""
    next_cursor = make_cursor(rows[limit - 1].booking_id) if len(rows) > limit else None
    return {"items": [_entry(row) for row in rows[:limit]], "next_cursor": next_cursor}


def roster_file_of(entries: Iterable[RosterEntry], name: str, *, check_in: bool) -> Response:
    """The whole roster as a CSV file in the language of the request."""
    timezone = services().settings.campus_timezone
    text = roster_csv(entries, language=language(), timezone=timezone, check_in=check_in)
    response = Response(text, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _entry(row: RosterEntry) -> dict[str, Any]:
    return {
        "claim_id": row.claim_id,
        "student_id": row.student_no or row.username,
        "student_no": row.student_no,
        "username": row.username,
        "display_name": row.display_name,
        "class_name": row.class_name,
        "state": row.state,
        "position": row.position,
        "decided_at": campus_time(row.decided_at),
        "checked_in_at": campus_time(row.checked_in_at),
    }
