"""Shapes of colleges, departments, majors and classes on the managers' side of the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from blueprints.crud import VersionSchema
from blueprints.ids import Id
from blueprints.moments import Text, Whole
from blueprints.numbers import Tenths
from blueprints.paging import PageSchema, page_of

_NAME = 64
_GRADES = (1900, 2200)
_MOST_CREDITS = "9999.9"


class _UnitQuerySchema(PageSchema):
    q = Text(_NAME, empty=True, load_default="", metadata={"description": "In the name"})


class CollegeQuerySchema(_UnitQuerySchema):
    pass


class DepartmentQuerySchema(_UnitQuerySchema):
    college_id = Id(load_default=None)


class MajorQuerySchema(DepartmentQuerySchema):
    department_id = Id(load_default=None)


class ClassQuerySchema(MajorQuerySchema):
    major_id = Id(load_default=None)
    grade = fields.Integer(load_default=None, validate=validate.Range(*_GRADES))


class CollegeInputSchema(Schema):
    name = Text(_NAME, required=True)


class CollegeChangeSchema(VersionSchema):
    name = Text(_NAME)


class DepartmentInputSchema(CollegeInputSchema):
    college_id = Id(required=True)


class DepartmentChangeSchema(CollegeChangeSchema):
    college_id = Id()


class MajorInputSchema(CollegeInputSchema):
    department_id = Id(required=True)


class MajorChangeSchema(CollegeChangeSchema):
    department_id = Id()


class ClassInputSchema(CollegeInputSchema):
    """`grade` is the year of entry; `class_no` counts within major and grade."""

    major_id = Id(required=True)
    grade = Whole(*_GRADES, required=True)
    class_no = Whole(1, 999, required=True)
    graduation_credits = Tenths(_MOST_CREDITS, required=True)


class ClassChangeSchema(CollegeChangeSchema):
    major_id = Id()
    grade = Whole(*_GRADES)
    class_no = Whole(1, 999)
    graduation_credits = Tenths(_MOST_CREDITS)


class ManagedCollegeSchema(Schema):
    id = fields.String(required=True)
    name = fields.String(required=True)
    version = fields.Integer(required=True)


class ManagedDepartmentSchema(ManagedCollegeSchema):
    college_id = fields.String(required=True)
    college = fields.String(required=True)


class ManagedMajorSchema(ManagedDepartmentSchema):
    department_id = fields.String(required=True)
    department = fields.String(required=True)


class ManagedClassSchema(ManagedMajorSchema):
    major_id = fields.String(required=True)
    major = fields.String(required=True)
    grade = fields.Integer(required=True)
    class_no = fields.Integer(required=True)
    graduation_credits = fields.Float(required=True)


COLLEGES = page_of("ManagedColleges", ManagedCollegeSchema)
DEPARTMENTS = page_of("ManagedDepartments", ManagedDepartmentSchema)
MAJORS = page_of("ManagedMajors", ManagedMajorSchema)
CLASSES = page_of("ManagedClasses", ManagedClassSchema)
