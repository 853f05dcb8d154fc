"""Shapes of lectures on the wire, as docs/plan.md fixes them."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from blueprints.claims.schemas import ClaimSchema
from blueprints.ids import Id
from blueprints.moments import Moment, Text
from blueprints.paging import PageSchema, page_of
from blueprints.reservations import PoolSchema

PHASES = ("upcoming", "open", "closed", "past")
STATES = ("draft", "published", "cancelled")
MODES = ("none", "only", "except")


class LectureQuerySchema(PageSchema):
    q = Text(100, empty=True, load_default="", metadata={"description": "In the title, the speaker or the place"})
    phase = fields.String(load_default=None, validate=validate.OneOf(PHASES))
    college_id = Id(load_default=None, metadata={"description": "Lectures that students of this college may book"})
    starts_from = Moment(load_default=None, data_key="from", metadata={"description": "Starting at this time or later"})
    starts_to = Moment(load_default=None, data_key="to", metadata={"description": "Starting before this time"})


class RestrictionSchema(Schema):
    mode = fields.String(required=True, validate=validate.OneOf(MODES))
    colleges = fields.List(fields.String(), required=True)
    grades = fields.List(fields.Integer(), required=True)
    classes = fields.List(fields.String(), required=True)


class LectureSchema(Schema):
    id = fields.String(required=True)
    title = fields.String(required=True)
    speaker = fields.String(required=True)
    summary = fields.String(required=True)
    place = fields.String(required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    opens_at = fields.AwareDateTime(required=True)
    closes_at = fields.AwareDateTime(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    phase = fields.String(required=True, validate=validate.OneOf(PHASES))
    capacity = fields.Integer(required=True)
    waitlist_capacity = fields.Integer(required=True)
    seats_left = fields.Integer(required=True)
    waiting = fields.Integer(required=True)
    seats_as_of = fields.AwareDateTime(required=True)
    restriction = fields.Nested(RestrictionSchema, required=True)
    pools = fields.List(fields.Nested(PoolSchema), required=True)
    reserved_until = fields.AwareDateTime(required=True, allow_none=True)
    frozen = fields.Boolean(required=True, metadata={"description": "Booking is paused by the staff"})
    version = fields.Integer(required=True)


class QuotaSchema(Schema):
    limit = fields.Integer(required=True, metadata={"description": "Lectures of the term; 0: as many as they like"})
    used = fields.Integer(required=True)
    missed = fields.Integer(required=True, metadata={"description": "No-shows that count; 0 while they do not"})
    reason = fields.String(
        required=True, allow_none=True, metadata={"description": "What stands against one more lecture of the term"}
    )


class StandingSchema(Schema):
    eligible = fields.Boolean(required=True)
    reason = fields.String(required=True, allow_none=True)
    pool = fields.String(required=True, allow_none=True)
    claim = fields.Nested(ClaimSchema, required=True, allow_none=True)
    can_cancel = fields.Boolean(required=True)
    quota = fields.Nested(
        QuotaSchema,
        required=True,
        allow_none=True,
        metadata={"description": "null while no rule counts lectures, or booking is over"},
    )


LECTURES = page_of("Lectures", LectureSchema)
