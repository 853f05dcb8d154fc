"""Reports of drills and rehearsals as JSON."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from blueprints.paging import PageSchema


class ReportsQuerySchema(PageSchema):
    limit = fields.Integer(load_default=20, validate=validate.Range(1, 50))


class ReportTitleSchema(Schema):
    zh = fields.String(required=True)
    en = fields.String(required=True)


class ReportCountsSchema(Schema):
    """How many sentences of the checker are about what; all 0 is what is wanted."""

    lost = fields.Integer(required=True)
    duplicated = fields.Integer(required=True)
    oversold = fields.Integer(required=True)
    contradicted = fields.Integer(required=True)


class ReportHeadSchema(Schema):
    id = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["drill", "rehearsal"]))
    title = fields.Nested(ReportTitleSchema, required=True)
    at = fields.AwareDateTime(required=True)
    held = fields.Boolean(required=True, metadata={"description": "Whether everything that was promised was kept."})
    counts = fields.Nested(ReportCountsSchema, required=True)


class ReportsSchema(Schema):
    items = fields.List(fields.Nested(ReportHeadSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class ReportFigureSchema(Schema):
    """`name` says the unit: …_s seconds, …_ms milliseconds, …_share of 1. null: there was none."""

    name = fields.String(required=True)
    value = fields.Float(required=True, allow_none=True)


class ReportSaidSchema(ReportTitleSchema):
    name = fields.String(required=True)


class ReportMarkSchema(Schema):
    name = fields.String(required=True)
    at_s = fields.Float(required=True)


class ReportPointSchema(Schema):
    at_s = fields.Float(required=True)
    value = fields.Float(required=True, allow_none=True)


class ReportLineSchema(Schema):
    name = fields.String(required=True)
    points = fields.List(fields.Nested(ReportPointSchema), required=True)


class ReportSchema(ReportHeadSchema):
    """Moments are seconds since the load began."""

    figures = fields.List(fields.Nested(ReportFigureSchema), required=True)
    said = fields.List(fields.Nested(ReportSaidSchema), required=True)
    marks = fields.List(fields.Nested(ReportMarkSchema), required=True)
    lines = fields.List(fields.Nested(ReportLineSchema), required=True)
    violations = fields.List(fields.String(), required=True, metadata={"description": "The first 100."})
