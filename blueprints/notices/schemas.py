"""Shapes of notices on the wire."""

from __future__ import annotations

import re

from marshmallow import Schema, ValidationError, fields, validate

from app.notices.models import Scope
from blueprints.moments import Text
from blueprints.paging import PageSchema, page_of

MOST_TARGETS = 1000
_LINK = re.compile(r"/(?!/)[^\s\\]*|https://[^\s\\]+")
_SCOPES = [scope.value for scope in Scope]


def _check_link(text: str) -> None:
    if text and not _LINK.fullmatch(text):
        raise ValidationError("A path of this site (/…) or an https:// address.")


class ReceivedNoticeSchema(Schema):
    id = fields.String(required=True)
    title = fields.String(required=True)
    body = fields.String(required=True)
    link = fields.String(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    read_at = fields.AwareDateTime(required=True, allow_none=True)


class ReceivedPageSchema(Schema):
    items = fields.List(fields.Nested(ReceivedNoticeSchema), required=True)
    unread = fields.Integer(required=True, metadata={"description": "How many are unread in all"})
    next_cursor = fields.String(required=True, allow_none=True)


class ReceivedQuerySchema(PageSchema):
    unread = fields.Boolean(load_default=False, metadata={"description": "Only those that are unread"})


class UnreadSchema(Schema):
    unread = fields.Integer(required=True)


class NoticeInputSchema(Schema):
    title = Text(100, required=True)
    body = Text(4000, lines=True, empty=True, load_default="")
    link = Text(300, empty=True, load_default=None, allow_none=True, validate=_check_link)
    scope = fields.String(required=True, validate=validate.OneOf(_SCOPES))
    target_ids = fields.List(
        fields.String(validate=validate.Regexp(r"^[0-9A-Za-z]{1,20}\Z"), metadata={"pattern": "^[0-9A-Za-z]{1,20}$"}),
        load_default=list,
        validate=validate.Length(max=MOST_TARGETS),
        metadata={
            "description": "Ids of colleges or classes, years of grades, account ids or student numbers; none for all"
        },
    )


class WrittenNoticeSchema(Schema):
    id = fields.String(required=True)
    title = fields.String(required=True)
    body = fields.String(required=True)
    link = fields.String(required=True, allow_none=True)
    scope = fields.String(required=True, validate=validate.OneOf(_SCOPES))
    target_ids = fields.List(fields.String(), required=True)
    created_at = fields.AwareDateTime(required=True)
    created_by = fields.String(required=True, allow_none=True, metadata={"description": "The account's id"})


WRITTEN = page_of("WrittenNotices", WrittenNoticeSchema)
