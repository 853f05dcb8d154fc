"""Shapes of managers on the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from app.auth.models import AccountStatus
from app.auth.permissions import GRANTABLE, MANAGING, Permission, Role
from app.auth.rules import LONGEST_PASSWORD
from blueprints.crud import VersionSchema
from blueprints.moments import Text
from blueprints.paging import PageSchema, page_of

_ROLES = [one.value for one in MANAGING]
_ACCOUNT = [one.value for one in AccountStatus]
_GRANTABLE = sorted(one.value for one in GRANTABLE)
_PASSWORD = {"description": "Without one a password is made, which the answer tells, this once"}


def _role(**options: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(_ROLES), **options)


def _permissions() -> fields.List[str]:
    return fields.List(
        fields.String(validate=validate.OneOf(_GRANTABLE)),
        allow_none=True,
        validate=validate.Length(max=len(_GRANTABLE)),
        metadata={"description": "What a manager may do; null for all that the role may"},
    )


class ManagerQuerySchema(PageSchema):
    q = Text(64, empty=True, load_default="", metadata={"description": "The beginning of a username or a name"})
    role = _role(load_default=None)


class ManagerInputSchema(Schema):
    username = Text(64, required=True)
    display_name = Text(64, required=True)
    role = _role(load_default=Role.MANAGER.value)
    permissions = _permissions()
    mobile_phone = Text(20, empty=True)
    password = fields.String(validate=validate.Length(min=1, max=LONGEST_PASSWORD), metadata=_PASSWORD)

    @validates_schema
    def only_managers_have_some(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("permissions") is not None and data["role"] != Role.MANAGER.value:
            raise ValidationError("Only a manager's permissions can be chosen.", "permissions")


class ManagerChangeSchema(VersionSchema):
    display_name = Text(64)
    role = _role()
    permissions = _permissions()
    mobile_phone = Text(20, empty=True)
    account_status = fields.String(validate=validate.OneOf(_ACCOUNT))


class ManagerSchema(Schema):
    id = fields.String(required=True)
    username = fields.String(required=True)
    display_name = fields.String(required=True)
    role = _role(required=True)
    permissions = fields.List(
        fields.String(validate=validate.OneOf([one.value for one in Permission])),
        required=True,
        metadata={"description": "What the account may do"},
    )
    chosen = fields.Boolean(required=True, metadata={"description": "A manager was left a part of the permissions"})
    mobile_phone = fields.String(required=True, allow_none=True)
    account_status = fields.String(required=True, validate=validate.OneOf(_ACCOUNT))
    last_login = fields.AwareDateTime(required=True, allow_none=True)
    version = fields.Integer(required=True)
    password = fields.String(metadata={"description": "Only in the answer to the request that made it"})


MANAGERS = page_of("Managers", ManagerSchema)
