"""Shapes of the managers' section operations."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from app.catalogue.errors import WeeksInvalidError
from app.catalogue.timetable import MOST_PERIODS, Slot
from app.catalogue.weeks import parse_weeks
from app.enrolment.sections.draft import MeetingDraft
from app.enrolment.sections.reading import STATES
from blueprints.catalogue.schemas import TermChoiceSchema
from blueprints.catalogue.section_schemas import LANGUAGES, SectionDetailSchema
from blueprints.crud import VersionSchema
from blueprints.ids import Id
from blueprints.moments import Moment, Text, Whole
from blueprints.paging import page_of
from blueprints.reservations import MOST_SEATS, ReservationSchema, reservations_field

EXAM_TYPES = ("exam", "assessment")
_EDITABLE = ("draft", "published")
_MOST_MEETINGS = 20


class MeetingInputSchema(Schema):
    weekday = Whole(1, 7, required=True)
    first_period = Whole(1, MOST_PERIODS, required=True)
    last_period = Whole(1, MOST_PERIODS, required=True)
    weeks = Text(200, required=True, metadata={"description": "1-16周, 3-15周(单) or 1-8,10,12-16"})
    place = Text(100, required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> MeetingDraft:
        try:
            mask = parse_weeks(data["weeks"])
        except WeeksInvalidError as error:
            raise ValidationError(error.message("en"), "weeks") from error
        slot = Slot(mask, data["weekday"], data["first_period"], data["last_period"])
        return MeetingDraft(slot, data["place"])


def _meetings(**options: Any) -> fields.List[Any]:
    return fields.List(fields.Nested(MeetingInputSchema), validate=validate.Length(max=_MOST_MEETINGS), **options)


class _SectionFieldsSchema(Schema):
    reservations = reservations_field(metadata={"description": "All of them; their seats are part of the capacity"})
    reserved_until = Moment(allow_none=True, metadata={"description": "From then on free reserved seats are for all"})
    teacher_id = Id(allow_none=True)
    teacher_names = Text(100, empty=True, metadata={"description": "By default the teacher's name"})
    is_mooc = fields.Boolean()
    exam_at = Moment(allow_none=True)
    waitlist_capacity = Whole(0, MOST_SEATS)
    state = fields.String(validate=validate.OneOf(_EDITABLE))


class _ForceSchema(Schema):
    force = fields.Boolean(
        metadata={"description": "Though a room, the teacher or present students come to be in two sections at once"}
    )
    reason = Text(500, metadata={"description": "Needed with force; stands in the request log"})

    @validates_schema
    def reasons(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("force") and not data.get("reason"):
            raise ValidationError("Say why.", "reason")


class SectionInputSchema(_SectionFieldsSchema, _ForceSchema):
    course_id = Id(required=True)
    term_id = Id(required=True)
    section_no = Whole(1, 9999, metadata={"description": "By default the next one"})
    language = fields.String(load_default="zh", validate=validate.OneOf(LANGUAGES))
    exam_type = fields.String(load_default="exam", validate=validate.OneOf(EXAM_TYPES))
    capacity = Whole(0, MOST_SEATS, required=True)
    waitlist_capacity = Whole(0, MOST_SEATS, load_default=0)
    state = fields.String(load_default="draft", validate=validate.OneOf(_EDITABLE))
    meetings = _meetings(load_default=list)


class SectionChangeSchema(_SectionFieldsSchema, _ForceSchema, VersionSchema):
    language = fields.String(validate=validate.OneOf(LANGUAGES))
    exam_type = fields.String(validate=validate.OneOf(EXAM_TYPES))
    capacity = Whole(0, MOST_SEATS)
    meetings = _meetings(metadata={"description": "All of them: what is not named is taken away"})


class CancelSchema(VersionSchema):
    reason = Text(500, required=True)


class ManagedSectionQuerySchema(TermChoiceSchema):
    q = Text(100, empty=True, load_default="", metadata={"description": "In the course's name or code"})
    course_id = Id(load_default=None)
    college_id = Id(load_default=None)
    teacher = Text(50, empty=True, load_default="", metadata={"description": "In the teachers' names"})
    weekday = fields.Integer(load_default=None, validate=validate.Range(1, 7))
    period = fields.Integer(load_default=None, validate=validate.Range(1, MOST_PERIODS))
    state = fields.String(load_default=None, validate=validate.OneOf(STATES))


class TaughtQuerySchema(Schema):
    term_id = Id(load_default=None, metadata={"description": "The current term by default"})


class ManagedSectionSchema(SectionDetailSchema):
    reservations = fields.List(fields.Nested(ReservationSchema), required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))


SECTIONS = page_of("ManagedSections", ManagedSectionSchema)
