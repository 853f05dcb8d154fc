"""Shapes of terms, courses, rounds and the study plan on the wire. Credits are numbers with one decimal."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from blueprints.ids import Id
from blueprints.moments import Text
from blueprints.numbers import Tenths
from blueprints.paging import PageSchema, page_of

MODES = ("fcfs", "lottery", "fair")
PHASES = ("upcoming", "open", "closed")


class CourseQuerySchema(PageSchema):
    q = Text(100, empty=True, load_default="", metadata={"description": "In the name or the code"})
    college_id = Id(load_default=None, metadata={"description": "Taught by this college"})
    category = Text(20, empty=True, load_default="", metadata={"description": "课程类别, for example 公共必修"})
    general_type = Text(20, empty=True, load_default="", metadata={"description": "通识课类型"})
    credits = Tenths(load_default=None)


class TermQuerySchema(Schema):
    term_id = Id(load_default=None, metadata={"description": "That of selection by default"})


class TermChoiceSchema(PageSchema, TermQuerySchema):
    """A page of what a term has."""


class PeriodSchema(Schema):
    number = fields.Integer(required=True)
    starts_at = fields.String(required=True, metadata={"description": "Campus time, HH:MM"})
    ends_at = fields.String(required=True)


class TermSchema(Schema):
    id = fields.String(required=True)
    code = fields.Integer(required=True, metadata={"description": "20261: first term of the academic year 2026"})
    name = fields.String(required=True)
    starts_on = fields.Date(required=True, metadata={"description": "The Monday of week 1"})
    weeks = fields.Integer(required=True)
    teaching_free_days = fields.List(fields.Date(), required=True)
    current = fields.Boolean(required=True, metadata={"description": "Taught now, or next between two terms"})
    selecting = fields.Boolean(
        required=True, metadata={"description": "That of selection: its round is open, opens next, or closed last"}
    )
    week = fields.Integer(required=True, allow_none=True, metadata={"description": "Today's; null outside the term"})


class TermPageSchema(Schema):
    items = fields.List(fields.Nested(TermSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
    periods = fields.List(fields.Nested(PeriodSchema), required=True, metadata={"description": "The campus's day"})


class CourseSchema(Schema):
    id = fields.String(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    campus = fields.String(required=True)
    college_id = fields.String(required=True)
    college = fields.String(required=True)
    category = fields.String(required=True)
    general_type = fields.String(required=True)
    credits = fields.Float(required=True)


class FacetsSchema(Schema):
    categories = fields.List(fields.String(), required=True, metadata={"description": "课程类别, by name"})
    general_types = fields.List(fields.String(), required=True, metadata={"description": "通识课类型, by name"})


class PlannedCourseSchema(Schema):
    course = fields.Nested(CourseSchema, required=True)
    recommended_term = fields.Integer(required=True, metadata={"description": "1 to 8, counted from entry"})
    required = fields.Boolean(required=True)
    done = fields.Boolean(required=True)
    recommended = fields.Boolean(required=True, metadata={"description": "Not done, and its term is the present one"})


class RoundSchema(Schema):
    id = fields.String(required=True)
    term_id = fields.String(required=True)
    round_no = fields.Integer(required=True)
    opens_at = fields.AwareDateTime(required=True)
    closes_at = fields.AwareDateTime(required=True)
    drop_until = fields.AwareDateTime(required=True)
    mode = fields.String(required=True, validate=validate.OneOf(MODES))
    tips = fields.String(required=True)
    phase = fields.String(required=True, validate=validate.OneOf(PHASES))
    frozen = fields.Boolean(required=True)
    frozen_reason = fields.String(required=True, allow_none=True)
    fair_seconds = fields.Integer(required=True, metadata={"description": "Of a fair round: how many are shuffled"})
    points_limit = fields.Integer(
        required=True, metadata={"description": "Of a lottery: points to spread; 0: wishes count by their order"}
    )
    commitment = fields.String(
        required=True, allow_none=True, metadata={"description": "SHA-256 of the seed, before it is shown"}
    )
    version = fields.Integer(required=True)


COURSES = page_of("Courses", CourseSchema)
ROUNDS = page_of("Rounds", RoundSchema)
PROGRAMME = page_of("Programme", PlannedCourseSchema)
