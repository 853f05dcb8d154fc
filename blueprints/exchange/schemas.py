"""Shapes of imports and exports on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from app.exchange.kinds.registry import IMPORTED
from app.exchange.models import State
from blueprints.ids import Id
from blueprints.paging import page_of

_CODE = {"description": "Stable; the sentence for people is `message`"}


class ChangesSchema(Schema):
    new = fields.Integer(required=True)
    changed = fields.Integer(required=True)
    same = fields.Integer(required=True)


class NoteSchema(Schema):
    row = fields.Integer(required=True, metadata={"description": "As a spreadsheet counts: the header is row 1"})
    column = fields.String(required=True, metadata={"description": "Its name, empty for the whole row"})
    code = fields.String(required=True, metadata=_CODE)
    message = fields.String(required=True)


class FailureSchema(Schema):
    code = fields.String(required=True, metadata=_CODE)
    message = fields.String(required=True)


class ImportSchema(Schema):
    id = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(list(IMPORTED)))
    filename = fields.String(required=True)
    size = fields.Integer(required=True)
    encoding = fields.String(required=True, allow_none=True, metadata={"description": "What the file turned out to be"})
    state = fields.String(required=True, validate=validate.OneOf([one.value for one in State]))
    rows = fields.Integer(required=True, metadata={"description": "0 until the file was read to its end"})
    done = fields.Integer(required=True, metadata={"description": "Rows that this step has dealt with"})
    errors = fields.Integer(required=True, metadata={"description": "Rows with errors"})
    changes = fields.Nested(ChangesSchema, required=True)
    failure = fields.Nested(FailureSchema, required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    confirmed_at = fields.AwareDateTime(required=True, allow_none=True)
    finished_at = fields.AwareDateTime(required=True, allow_none=True)


class WholeImportSchema(ImportSchema):
    sample_errors = fields.List(fields.Nested(NoteSchema), required=True)


class ConfirmSchema(Schema):
    skip_errors = fields.Boolean(load_default=False, metadata={"description": "Leave faulty rows out"})


class ExportQuerySchema(Schema):
    term_id = Id(load_default=None, metadata={"description": "For sections, completed-courses and enrolments"})
    section_id = Id(load_default=None, metadata={"description": "For enrolments"})


UPLOAD = {
    "type": "object",
    "required": ["kind", "file"],
    "properties": {
        "kind": {"type": "string", "enum": list(IMPORTED)},
        "file": {"type": "string", "format": "binary", "description": "CSV or XLSX, 20 MB at most"},
    },
}
IMPORTS = page_of("Imports", ImportSchema)
