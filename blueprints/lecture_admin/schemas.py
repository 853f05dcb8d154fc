"""Shapes of the managers' lecture operations."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from app.lectures.draft import ReservationDraft
from app.org.audience import Audience
from blueprints.ids import many_ids
from blueprints.lectures.schemas import MODES, STATES, LectureQuerySchema, LectureSchema
from blueprints.moments import Moment, Text, Whole
from blueprints.paging import page_of

MOST_SEATS = 100_000
_GROUPS = 500


class AudienceInputSchema(Schema):
    colleges = many_ids(_GROUPS, load_default=list)
    grades = fields.List(Whole(1900, 2200), load_default=list, validate=validate.Length(max=_GROUPS))
    classes = many_ids(_GROUPS, load_default=list)


class RestrictionInputSchema(AudienceInputSchema):
    mode = fields.String(load_default="none", validate=validate.OneOf(MODES))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Audience:
        return _audience(data)


class ReservationInputSchema(AudienceInputSchema):
    name = Text(100, required=True)
    seats = Whole(0, MOST_SEATS, required=True)
    pool = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Regexp(r"^r[0-9]{1,4}\Z"),
        metadata={"description": "An existing reservation's pool; without it the one of that name, or a new one"},
    )

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> ReservationDraft:
        return ReservationDraft(data["name"], data["seats"], _audience({**data, "mode": "none"}), data["pool"])


def _audience(data: dict[str, Any]) -> Audience:
    groups = {name: frozenset(data[name]) for name in ("colleges", "grades", "classes")}
    return Audience(mode=data["mode"], **groups)


class LectureInputSchema(Schema):
    """POST: a whole lecture."""

    title = Text(200, required=True)
    speaker = Text(100, required=True)
    place = Text(100, required=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    opens_at = Moment(required=True)
    closes_at = Moment(required=True)
    capacity = Whole(0, MOST_SEATS, required=True)
    waitlist_capacity = Whole(0, MOST_SEATS)
    summary = Text(10_000, empty=True, lines=True)
    state = fields.String(validate=validate.OneOf(["draft", "published"]))
    restriction = fields.Nested(RestrictionInputSchema)
    reservations = fields.List(fields.Nested(ReservationInputSchema), validate=validate.Length(max=50))
    reserved_until = Moment(allow_none=True)
    guard_room = fields.Boolean(
        load_default=False,
        metadata={"description": "Refuse (409 room_taken) when another lecture is in that place at that time"},
    )

    @post_load
    def settle(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        if "reservations" in data:
            data["reservations"] = tuple(data["reservations"])
        return data


class LectureChangeSchema(LectureInputSchema):
    """PATCH: any of it."""

    title = Text(200)
    speaker = Text(100)
    place = Text(100)
    starts_at = Moment()
    ends_at = Moment()
    opens_at = Moment()
    closes_at = Moment()
    capacity = Whole(0, MOST_SEATS)
    state = fields.String(validate=validate.OneOf(STATES))
    version = Whole(
        1, 2**31 - 1, metadata={"description": "The version that was read; another one in force is a 409 conflict"}
    )


class ManagedQuerySchema(LectureQuerySchema):
    state = fields.String(load_default=None, validate=validate.OneOf(STATES))


class ReservationSchema(Schema):
    pool = fields.String(required=True)
    name = fields.String(required=True)
    seats = fields.Integer(required=True)
    colleges = fields.List(fields.String(), required=True)
    grades = fields.List(fields.Integer(), required=True)
    classes = fields.List(fields.String(), required=True)


class ManagedLectureSchema(LectureSchema):
    reservations = fields.List(fields.Nested(ReservationSchema), required=True)


MANAGED = page_of("ManagedLectures", ManagedLectureSchema)
