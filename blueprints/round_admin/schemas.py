"""Shapes of the managers' round operations."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from app.enrolment.rounds.draft import MODES, MOST_FAIR_S, MOST_POINTS
from blueprints.catalogue.schemas import RoundSchema
from blueprints.ids import Id
from blueprints.moments import Moment, Text, Whole
from blueprints.paging import page_of

STATES = ("draft", "published")
_MOST_VERSIONS = 2**31 - 1


class RoundInputSchema(Schema):
    """POST: a whole round."""

    term_id = Id(required=True)
    round_no = Whole(1, 99, required=True)
    opens_at = Moment(required=True)
    closes_at = Moment(required=True)
    drop_until = Moment(required=True)
    mode = fields.String(load_default="fcfs", validate=validate.OneOf(MODES))
    tips = Text(255, empty=True, lines=True, load_default="")
    fair_seconds = Whole(0, MOST_FAIR_S, load_default=0)
    points_limit = Whole(0, MOST_POINTS, load_default=0)
    state = fields.String(load_default="draft", validate=validate.OneOf(STATES))


class RoundChangeSchema(Schema):
    """PATCH: any of it but the term; once it has opened, the tips alone."""

    round_no = Whole(1, 99)
    opens_at = Moment()
    closes_at = Moment()
    drop_until = Moment()
    mode = fields.String(validate=validate.OneOf(MODES))
    tips = Text(255, empty=True, lines=True)
    fair_seconds = Whole(0, MOST_FAIR_S)
    points_limit = Whole(0, MOST_POINTS)
    state = fields.String(validate=validate.OneOf(STATES))
    version = Whole(
        1, _MOST_VERSIONS, metadata={"description": "The version that was read; another one in force is a 409 conflict"}
    )


class RoundReasonSchema(Schema):
    reason = Text(255, required=True)


class ExtensionSchema(RoundReasonSchema):
    closes_at = Moment(load_default=None, allow_none=True)
    drop_until = Moment(load_default=None, allow_none=True)


class ManagedRoundSchema(RoundSchema):
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    seed = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Null until the round has been drawn, for managers too"},
    )
    drawn_at = fields.AwareDateTime(required=True, allow_none=True)


class RoundEventSchema(Schema):
    id = fields.String(required=True)
    action = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)
    detail = fields.Dict(
        keys=fields.String(), required=True, metadata={"description": "{field: [before, after]}, or what it is about"}
    )
    account_id = fields.String(required=True)
    username = fields.String(required=True)
    at = fields.AwareDateTime(required=True)


MANAGED = page_of("ManagedRounds", ManagedRoundSchema)
TIMELINE = page_of("RoundTimeline", RoundEventSchema)
