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


class FigureSchema(Schema):
    """`name` says the unit: …_s seconds, …_ms milliseconds, …_share of 1. null: there was none."""

    name = fields.String(required=True)
    value = fields.Float(required=True, allow_none=True)


class SaidSchema(ReportTitleSchema):
    name = fields.String(required=True)


class MarkSchema(Schema):
    name = fields.String(required=True)
    at_s = fields.Float(required=True)


class PointSchema(Schema):
    at_s = fields.Float(required=True)
    value = fields.Float(required=True, allow_none=True)


class LineSchema(Schema):
    name = fields.String(required=True)
    points = fields.List(fields.Nested(PointSchema), required=True)


class ReportSchema(ReportHeadSchema):
    """Moments are seconds since the load began."""

    figures = fields.List(fields.Nested(FigureSchema), required=True)
    said = fields.List(fields.Nested(SaidSchema), required=True)
    marks = fields.List(fields.Nested(MarkSchema), required=True)
    lines = fields.List(fields.Nested(LineSchema), required=True)
    violations = fields.List(fields.String(), required=True, metadata={"description": "The first 100."})
