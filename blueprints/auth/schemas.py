"""Shapes of identity on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from app.auth.permissions import Permission, Role
from app.auth.rules import LONGEST_PASSWORD

_password = validate.Length(min=1, max=LONGEST_PASSWORD)


class LoginSchema(Schema):
    username = fields.String(required=True, validate=validate.Length(min=1, max=64))
    password = fields.String(required=True, validate=_password)


class FirstPasswordSchema(Schema):
    username = fields.String(required=True, validate=validate.Length(min=1, max=64))
    first_password = fields.String(required=True, validate=_password)
    new_password = fields.String(required=True, validate=_password)


class PasswordSchema(Schema):
    old_password = fields.String(required=True, validate=_password)
    # The policy itself is the domain's, with a code of its own.
    new_password = fields.String(required=True, validate=_password)


class StudentSchema(Schema):
    student_no = fields.String(required=True)
    class_id = fields.String(required=True)
    class_name = fields.String(required=True)
    major = fields.String(required=True)
    department = fields.String(required=True)
    college_id = fields.String(required=True)
    college = fields.String(required=True)
    grade = fields.Integer(required=True)


class UserSchema(Schema):
    id = fields.String(required=True)
    username = fields.String(required=True)
    display_name = fields.String(required=True)
    role = fields.String(required=True, validate=validate.OneOf([role.value for role in Role]))
    permissions = fields.List(
        fields.String(validate=validate.OneOf([permission.value for permission in Permission])), required=True
    )
    student = fields.Nested(StudentSchema, required=True, allow_none=True)


class TokenSchema(Schema):
    access_token = fields.String(required=True)
    token_type = fields.String(required=True, validate=validate.Equal("Bearer"))
    expires_in = fields.Integer(required=True, metadata={"description": "Seconds"})
    user = fields.Nested(UserSchema, required=True)
