"""Shapes of students and teachers on the managers' side of the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from app.auth.models import AccountStatus
from app.auth.permissions import FOR_TEACHERS, Permission
from app.auth.rules import LONGEST_PASSWORD
from app.org.models import Gender, StudentStatus
from blueprints.crud import VersionSchema
from blueprints.ids import Id
from blueprints.moments import Text
from blueprints.paging import PageSchema, page_of

_NUMBER = "^[0-9A-Za-z]{1,20}\\Z"
_STATUSES = [one.value for one in StudentStatus]
# Withdrawing is a use case of its own: it ends what the student holds.
_EDITABLE = [one for one in _STATUSES if one != StudentStatus.WITHDRAWN.value]
_ACCOUNT = [one.value for one in AccountStatus]
_GENDERS = [one.value for one in Gender]
_GIVEN = sorted(one.value for one in FOR_TEACHERS)
_PASSWORD = {"description": "Without one a password is made, which the answer tells, this once"}


def _number(**options: Any) -> fields.String:
    return fields.String(validate=validate.Regexp(_NUMBER), metadata={"maxLength": 20}, **options)


class PeopleFilterSchema(Schema):
    q = Text(
        64,
        empty=True,
        load_default="",
        metadata={"description": "The beginning of a number, a username or a name"},
    )
    college_id = Id(load_default=None)
    account_status = fields.String(load_default=None, validate=validate.OneOf(_ACCOUNT))


class StudentFilterSchema(PeopleFilterSchema):
    department_id = Id(load_default=None)
    major_id = Id(load_default=None)
    class_id = Id(load_default=None)
    grade = fields.Integer(load_default=None, validate=validate.Range(1900, 2200))
    status = fields.String(load_default=None, validate=validate.OneOf(_STATUSES))


class PeopleQuerySchema(PageSchema, PeopleFilterSchema):
    pass


class StudentQuerySchema(PageSchema, StudentFilterSchema):
    pass


class HandOutSchema(Schema):
    again = fields.Boolean(
        load_default=False, metadata={"description": "To those too who were given one and have not used it"}
    )


class _PersonInputSchema(Schema):
    display_name = Text(64, required=True)
    username = Text(64, metadata={"description": "By default the number, in lower case"})
    password = fields.String(validate=validate.Length(min=1, max=LONGEST_PASSWORD), metadata=_PASSWORD)
    email = Text(100, empty=True)


class StudentInputSchema(_PersonInputSchema):
    student_no = _number(required=True)
    class_id = Id(required=True)
    gender = fields.String(validate=validate.OneOf(_GENDERS))
    phone = Text(20, empty=True)
    status = fields.String(validate=validate.OneOf(_EDITABLE))


class StudentChangeSchema(VersionSchema):
    display_name = Text(64)
    student_no = _number()
    class_id = Id()
    gender = fields.String(validate=validate.OneOf(_GENDERS))
    email = Text(100, empty=True)
    phone = Text(20, empty=True)
    status = fields.String(validate=validate.OneOf(_EDITABLE))
    account_status = fields.String(validate=validate.OneOf(_ACCOUNT))


def _given() -> fields.List[str]:
    return fields.List(
        fields.String(validate=validate.OneOf(_GIVEN)),
        validate=validate.Length(max=len(_GIVEN)),
        metadata={"description": "Beside what every teacher may; only what whoever gives it may himself"},
    )


class TeacherInputSchema(_PersonInputSchema):
    teacher_no = _number(required=True)
    college_id = Id(required=True)
    title = Text(32, empty=True)
    permissions = _given()


class TeacherChangeSchema(VersionSchema):
    display_name = Text(64)
    teacher_no = _number()
    college_id = Id()
    title = Text(32, empty=True)
    permissions = _given()
    email = Text(100, empty=True)
    account_status = fields.String(validate=validate.OneOf(_ACCOUNT))


class WithdrawalSchema(Schema):
    reason = Text(500, required=True)


class _PersonSchema(Schema):
    id = fields.String(required=True, metadata={"description": "The account's"})
    username = fields.String(required=True)
    display_name = fields.String(required=True)
    college_id = fields.String(required=True)
    college = fields.String(required=True)
    email = fields.String(required=True, allow_none=True)
    account_status = fields.String(required=True, validate=validate.OneOf(_ACCOUNT))
    last_login = fields.AwareDateTime(required=True, allow_none=True)
    version = fields.Integer(required=True)
    password = fields.String(metadata={"description": "Only in the answer to the request that made it"})


class ManagedStudentSchema(_PersonSchema):
    student_no = fields.String(required=True)
    gender = fields.String(required=True, validate=validate.OneOf(_GENDERS))
    phone = fields.String(required=True, allow_none=True)
    status = fields.String(required=True, validate=validate.OneOf(_STATUSES))
    class_id = fields.String(required=True)
    class_name = fields.String(required=True)
    grade = fields.Integer(required=True)
    major_id = fields.String(required=True)
    major = fields.String(required=True)
    department_id = fields.String(required=True)
    department = fields.String(required=True)


class ManagedTeacherSchema(_PersonSchema):
    teacher_no = fields.String(required=True)
    title = fields.String(required=True)
    permissions = fields.List(
        fields.String(validate=validate.OneOf([one.value for one in Permission])),
        required=True,
        metadata={"description": "What the account may do"},
    )


STUDENTS = page_of("ManagedStudents", ManagedStudentSchema)
TEACHERS = page_of("ManagedTeachers", ManagedTeacherSchema)
