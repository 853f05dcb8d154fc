"""Shapes of sections on the wire, and of a course with its sections."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from app.catalogue.timetable import MOST_PERIODS
from blueprints.catalogue.schemas import CourseSchema, TermChoiceSchema
from blueprints.ids import Id
from blueprints.moments import Text
from blueprints.paging import page_of
from blueprints.reservations import PoolSchema

LANGUAGES = ("zh", "en", "bilingual")
STATES = ("published", "cancelled")
SOME_IDS = "[0-9]{1,18}(,[0-9]{1,18}){0,29}"


class SectionQuerySchema(TermChoiceSchema):
    q = Text(100, empty=True, load_default="", metadata={"description": "In the course's name or code"})
    course_id = Id(load_default=None)
    college_id = Id(load_default=None, metadata={"description": "Of courses of this college"})
    teacher = Text(50, empty=True, load_default="", metadata={"description": "In the teachers' names"})
    weekday = fields.Integer(load_default=None, validate=validate.Range(1, 7), metadata={"description": "1 is Monday"})
    period = fields.Integer(load_default=None, validate=validate.Range(1, MOST_PERIODS))
    language = fields.String(load_default="", validate=validate.OneOf(LANGUAGES))
    mooc = fields.String(load_default=None, validate=validate.OneOf(("true", "false")))
    category = Text(20, empty=True, load_default="", metadata={"description": "课程类别, for example 公共必修"})
    general_type = Text(20, empty=True, load_default="", metadata={"description": "通识课类型"})
    free = fields.String(load_default="false", validate=validate.OneOf(("true", "false")))
    apart_from = fields.String(
        load_default="",
        validate=validate.Regexp(f"^({SOME_IDS})?$"),
        metadata={"description": "Only such as do not clash with these sections: ids with commas between, 30 at most"},
    )


class MeetingSchema(Schema):
    weekday = fields.Integer(required=True)
    first_period = fields.Integer(required=True)
    last_period = fields.Integer(required=True)
    week_mask = fields.Integer(required=True, metadata={"description": "Bit 0 is week 1"})
    weeks = fields.String(required=True, metadata={"description": "1-16周, in the language of the request"})
    text = fields.String(required=True, metadata={"description": "周三 3–4 节, in the language of the request"})
    starts_at = fields.String(required=True, metadata={"description": "Campus time, HH:MM"})
    ends_at = fields.String(required=True)
    place = fields.String(required=True)


class SectionRestrictionSchema(Schema):
    whole_course = fields.Boolean(required=True, metadata={"description": "Holds for every section of the course"})
    mode = fields.String(required=True, validate=validate.OneOf(("only", "except")))
    colleges = fields.List(fields.String(), required=True)
    grades = fields.List(fields.Integer(), required=True)
    classes = fields.List(fields.String(), required=True)
    reason = fields.String(required=True)


class SectionSchema(Schema):
    id = fields.String(required=True)
    term_id = fields.String(required=True)
    course_id = fields.String(required=True)
    course_code = fields.String(required=True)
    course_name = fields.String(required=True)
    category = fields.String(required=True)
    general_type = fields.String(required=True)
    credits = fields.Float(required=True)
    section_no = fields.Integer(required=True)
    teacher_id = fields.String(required=True, allow_none=True)
    teacher_names = fields.String(required=True)
    language = fields.String(required=True)
    is_mooc = fields.Boolean(required=True)
    exam_type = fields.String(required=True)
    exam_at = fields.AwareDateTime(required=True, allow_none=True)
    capacity = fields.Integer(required=True)
    waitlist_capacity = fields.Integer(required=True)
    seats_left = fields.Integer(required=True)
    waiting = fields.Integer(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    frozen = fields.Boolean(required=True)
    version = fields.Integer(required=True)
    meetings = fields.List(fields.Nested(MeetingSchema), required=True)


class SectionDetailSchema(SectionSchema):
    pools = fields.List(fields.Nested(PoolSchema), required=True, metadata={"description": "Reserved ones first"})
    reserved_until = fields.AwareDateTime(required=True, allow_none=True)
    restrictions = fields.List(fields.Nested(SectionRestrictionSchema), required=True)


class CourseDetailSchema(CourseSchema):
    prerequisites = fields.List(fields.Nested(CourseSchema), required=True)
    sections = fields.List(
        fields.Nested(SectionSchema), required=True, metadata={"description": "Published ones of the term"}
    )


SECTIONS = page_of("Sections", SectionSchema)
