"""Shapes of the managers' lecture operations."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from app.org.audience import Audience
from blueprints.lectures.schemas import MODES, STATES, LectureQuerySchema, LectureSchema
from blueprints.moments import Moment, Text, Whole
from blueprints.paging import page_of
from blueprints.reservations import (
    MOST_SEATS,
    AudienceInputSchema,
    ReservationSchema,
    audience_of,
    reservations_field,
)


class RestrictionInputSchema(AudienceInputSchema):
    mode = fields.String(load_default="none", validate=validate.OneOf(MODES))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Audience:
        return audience_of(data)


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
    reservations = reservations_field()
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


class ManagedLectureSchema(LectureSchema):
    reservations = fields.List(fields.Nested(ReservationSchema), required=True)


MANAGED = page_of("ManagedLectures", ManagedLectureSchema)
