"""Shapes of time tickets, holds, restrictions and overrides."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from app.enrolment.rules import WAIVABLE
from app.org.audience import Audience
from blueprints.catalogue.schemas import TermChoiceSchema
from blueprints.ids import Id
from blueprints.moments import Moment, Text
from blueprints.paging import PageSchema, page_of
from blueprints.reservations import AudienceInputSchema
from blueprints.round_admin.schemas import ManagedRoundSchema

# A username or a student number. ASCII, as both columns are.
NAME = r"^[!-~]{1,64}\Z"
MOST_STUDENTS = 500


def _name(**options: Any) -> fields.String:
    return fields.String(validate=validate.Regexp(NAME), **options)


class TicketQuerySchema(PageSchema):
    round_id = Id(required=True)


class TimeTicketInputSchema(AudienceInputSchema):
    round_id = Id(required=True)
    students = fields.List(
        _name(),
        load_default=list,
        validate=validate.Length(max=MOST_STUDENTS),
        metadata={"description": "Usernames or student numbers"},
    )
    not_before = Moment(required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return _with_audience(data, "none")


class PersonSchema(Schema):
    id = fields.String(required=True)
    username = fields.String(required=True)
    student_no = fields.String(required=True)
    display_name = fields.String(required=True)


class TimeTicketSchema(Schema):
    id = fields.String(required=True)
    round_id = fields.String(required=True)
    colleges = fields.List(fields.String(), required=True)
    grades = fields.List(fields.Integer(), required=True)
    classes = fields.List(fields.String(), required=True)
    students = fields.List(fields.Nested(PersonSchema), required=True)
    not_before = fields.AwareDateTime(required=True)


class StudentQuerySchema(TermChoiceSchema):
    username = _name(load_default=None, metadata={"description": "Or the student number"})


class AsStudentQuerySchema(Schema):
    username = _name(required=True, metadata={"description": "Or the student number"})


class CountsSchema(Schema):
    sections = fields.Integer(required=True)
    held = fields.Integer(required=True)
    free = fields.Integer(required=True, metadata={"description": "A seat can be had"})
    queued = fields.Integer(required=True, metadata={"description": "Only a place in the waiting list"})
    refused = fields.Dict(
        keys=fields.String(), values=fields.Integer(), required=True, metadata={"description": "By the first problem"}
    )


class AsStudentSchema(Schema):
    round = fields.Nested(ManagedRoundSchema, required=True)
    student = fields.Nested(PersonSchema, required=True)
    not_before = fields.AwareDateTime(required=True)
    hold = fields.String(required=True, allow_none=True)
    counts = fields.Nested(CountsSchema, required=True)


class HoldInputSchema(Schema):
    username = _name(required=True, metadata={"description": "Or the student number"})
    term_id = Id(load_default=None, metadata={"description": "That of selection by default"})
    reason = Text(255, required=True)


class HoldSchema(Schema):
    id = fields.String(required=True)
    term_id = fields.String(required=True)
    student = fields.Nested(PersonSchema, required=True, allow_none=True)
    reason = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)


class RestrictionQuerySchema(PageSchema):
    course_id = Id(load_default=None)
    section_id = Id(load_default=None)


class EmergencyInputSchema(AudienceInputSchema):
    course_id = Id(load_default=None, allow_none=True)
    section_id = Id(load_default=None, allow_none=True, metadata={"description": "Null: the whole course"})
    mode = fields.String(required=True, validate=validate.OneOf(["only", "except"]))
    reason = Text(255, required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return _with_audience(data, data.pop("mode"))


class ScopeSchema(Schema):
    course_id = fields.String(required=True)
    course_code = fields.String(required=True)
    course_name = fields.String(required=True)
    section_id = fields.String(required=True, allow_none=True)
    section_no = fields.Integer(required=True, allow_none=True)


class EmergencySchema(ScopeSchema):
    id = fields.String(required=True)
    mode = fields.String(required=True)
    colleges = fields.List(fields.String(), required=True)
    grades = fields.List(fields.Integer(), required=True)
    classes = fields.List(fields.String(), required=True)
    reason = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)


class OverrideInputSchema(Schema):
    username = _name(required=True, metadata={"description": "Or the student number"})
    course_id = Id(load_default=None, allow_none=True)
    section_id = Id(load_default=None, allow_none=True, metadata={"description": "Null: any section of the course"})
    rules = fields.List(
        fields.String(validate=validate.OneOf(WAIVABLE)),
        required=True,
        validate=validate.Length(min=1, max=len(WAIVABLE)),
    )
    reason = Text(255, required=True)


class OverrideSchema(ScopeSchema):
    id = fields.String(required=True)
    term_id = fields.String(required=True)
    student = fields.Nested(PersonSchema, required=True, allow_none=True)
    rules = fields.List(fields.String(), required=True)
    reason = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)


def _with_audience(data: dict[str, Any], mode: Any) -> dict[str, Any]:
    groups = {name: frozenset(data.pop(name)) for name in ("colleges", "grades", "classes")}
    return {**data, "audience": Audience(mode=mode, **groups)}


TICKETS = page_of("TimeTickets", TimeTicketSchema)
HOLDS = page_of("Holds", HoldSchema)
RESTRICTIONS = page_of("Restrictions", EmergencySchema)
OVERRIDES = page_of("Overrides", OverrideSchema)
