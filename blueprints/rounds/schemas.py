"""Shapes of a round with what is a student's own."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from app.enrolment.lottery.wishes import MOST
from app.enrolment.rounds.draft import MOST_POINTS
from blueprints.catalogue.schemas import RoundSchema
from blueprints.catalogue.section_schemas import MeetingSchema
from blueprints.ids import Id
from blueprints.moments import Whole


class PersonalSchema(Schema):
    not_before = fields.AwareDateTime(required=True, metadata={"description": "The round's opening, or a later ticket"})
    hold = fields.String(required=True, allow_none=True, metadata={"description": "Why nothing may be chosen"})


class RoundDetailSchema(RoundSchema):
    my = fields.Nested(PersonalSchema, required=True, allow_none=True)


class WishInputSchema(Schema):
    section_id = Id(required=True)
    points = Whole(0, MOST_POINTS, load_default=0)


class WishesInputSchema(Schema):
    wishes = fields.List(
        fields.Nested(WishInputSchema),
        required=True,
        validate=validate.Length(max=MOST),
        metadata={"description": "The first wish first"},
    )
    version = Whole(0, 2**31 - 2, required=True, metadata={"description": "The one that was seen; 0: none yet"})


class WishedSectionSchema(Schema):
    id = fields.String(required=True)
    section_no = fields.Integer(required=True)
    course_id = fields.String(required=True)
    course_code = fields.String(required=True)
    course_name = fields.String(required=True)
    credits = fields.Float(required=True)
    teacher_names = fields.String(required=True)
    capacity = fields.Integer(required=True)
    meetings = fields.List(fields.Nested(MeetingSchema), required=True)


class WishSchema(Schema):
    section = fields.Nested(WishedSectionSchema, required=True)
    points = fields.Integer(required=True)
    state = fields.String(required=True, validate=validate.OneOf(["open", "won", "lost"]))
    reason = fields.String(required=True, allow_none=True, metadata={"description": "Why it was lost"})


class WishesSchema(Schema):
    round_id = fields.String(required=True)
    version = fields.Integer(required=True)
    points_limit = fields.Integer(required=True, metadata={"description": "0: wishes count by their order alone"})
    lot = fields.String(
        required=True, metadata={"description": "The name under which they stand in the published draw"}
    )
    wishes = fields.List(fields.Nested(WishSchema), required=True)


class DrawSchema(Schema):
    round_id = fields.String(required=True)
    mode = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(["none", "requested", "drawn", "done"]))
    commitment = fields.String(required=True, allow_none=True)
    seed = fields.String(required=True, allow_none=True, metadata={"description": "Null until the round is drawn"})
    algorithm = fields.String(required=True, allow_none=True)
    drawn_at = fields.AwareDateTime(required=True, allow_none=True)
    wishes = fields.Integer(required=True)
    won = fields.Integer(required=True)
    digest = fields.String(required=True, allow_none=True, metadata={"description": "SHA-256 of the file"})
    export_url = fields.String(required=True, allow_none=True)


class DrawFileSchema(Schema):
    """Of a lottery as docs/lottery.md says; of a fair opening its claims with their lots."""

    algorithm = fields.String(required=True)
    seed = fields.String(required=True)
