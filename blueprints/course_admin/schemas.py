"""Shapes of terms, courses, study plans and credit accounts on the managers' side of the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from blueprints.catalogue.schemas import CourseSchema, TermSchema
from blueprints.crud import VersionSchema
from blueprints.ids import Id, many_ids
from blueprints.moments import Day, Text, Whole
from blueprints.numbers import Tenths
from blueprints.paging import PageSchema, page_of

_CODE = validate.Regexp("^[0-9A-Z]{1,10}\\Z")
_TERM_CODES = (19001, 22009)
_MOST_NEEDS = 50


class TermInputSchema(Schema):
    code = Whole(*_TERM_CODES, required=True, metadata={"description": "20261: first term of the academic year 2026"})
    name = Text(64, required=True)
    starts_on = Day(required=True, metadata={"description": "The Monday of week 1"})
    weeks = Whole(1, 30, required=True)
    teaching_free_days = fields.List(Day(), load_default=list, validate=validate.Length(max=200))


class TermChangeSchema(VersionSchema):
    code = Whole(*_TERM_CODES)
    name = Text(64)
    starts_on = Day()
    weeks = Whole(1, 30)
    teaching_free_days = fields.List(Day(), validate=validate.Length(max=200))


class ManagedTermSchema(TermSchema):
    version = fields.Integer(required=True)


class CourseInputSchema(Schema):
    code = fields.String(required=True, validate=_CODE)
    name = Text(100, required=True)
    campus = Text(20, required=True)
    college_id = Id(required=True)
    category = Text(20, required=True)
    general_type = Text(20, empty=True)
    credits = Tenths(required=True)
    prerequisites = many_ids(_MOST_NEEDS)


class CourseChangeSchema(VersionSchema):
    code = fields.String(validate=_CODE)
    name = Text(100)
    campus = Text(20)
    college_id = Id()
    category = Text(20)
    general_type = Text(20, empty=True)
    credits = Tenths()
    prerequisites = many_ids(_MOST_NEEDS, metadata={"description": "All of them: what is not named is taken away"})


class NeededCourseSchema(Schema):
    id = fields.String(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)


class ManagedCourseSchema(CourseSchema):
    prerequisites = fields.List(fields.Nested(NeededCourseSchema), required=True)
    version = fields.Integer(required=True)


class PlanQuerySchema(PageSchema):
    class_id = Id(load_default=None)
    course_id = Id(load_default=None)


class PlanInputSchema(Schema):
    class_id = Id(required=True)
    course_id = Id(required=True)
    recommended_term = Whole(1, 8, required=True)
    required = fields.Boolean(required=True)


class PlanChangeSchema(VersionSchema):
    recommended_term = Whole(1, 8)
    required = fields.Boolean()


class ManagedPlanSchema(Schema):
    id = fields.String(required=True)
    class_id = fields.String(required=True)
    class_name = fields.String(required=True)
    course_id = fields.String(required=True)
    course_code = fields.String(required=True)
    course_name = fields.String(required=True)
    credits = fields.Float(required=True)
    recommended_term = fields.Integer(required=True)
    required = fields.Boolean(required=True)
    version = fields.Integer(required=True)


class CreditQuerySchema(PageSchema):
    term_id = Id(load_default=None, metadata={"description": "That of selection by default"})
    class_id = Id(load_default=None)
    q = Text(
        64, empty=True, load_default="", metadata={"description": "The beginning of a number, a username or a name"}
    )


class CreditInputSchema(Schema):
    student_id = Id(required=True)
    term_id = Id(required=True)
    credit_limit = Tenths(required=True)


class CreditChangeSchema(VersionSchema):
    credit_limit = Tenths()


class ManagedCreditSchema(Schema):
    id = fields.String(required=True)
    student_id = fields.String(required=True)
    username = fields.String(required=True)
    student_no = fields.String(required=True)
    display_name = fields.String(required=True)
    term_id = fields.String(required=True)
    credit_limit = fields.Float(required=True)
    used = fields.Float(required=True)
    waived = fields.Float(required=True, metadata={"description": "Beyond the limit, by overrides"})
    version = fields.Integer(required=True)


TERMS = page_of("ManagedTerms", ManagedTermSchema)
COURSES = page_of("ManagedCourses", ManagedCourseSchema)
PLANS = page_of("ManagedPlans", ManagedPlanSchema)
CREDITS = page_of("ManagedCredits", ManagedCreditSchema)
