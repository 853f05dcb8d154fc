"""Shapes of the university on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from blueprints.paging import PageSchema, page_of

ID = validate.Regexp(r"^[0-9]{1,19}$")


class CollegeSchema(Schema):
    id = fields.String(required=True)
    name = fields.String(required=True)


class ClassSchema(Schema):
    id = fields.String(required=True)
    name = fields.String(required=True)
    grade = fields.Integer(required=True)
    college_id = fields.String(required=True)
    college = fields.String(required=True)
    department = fields.String(required=True)
    major = fields.String(required=True)


class ClassQuerySchema(PageSchema):
    college_id = fields.String(load_default=None, validate=ID)


COLLEGES = page_of("Colleges", CollegeSchema)
CLASSES = page_of("Classes", ClassSchema)
