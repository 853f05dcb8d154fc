"""Shapes of course selection on the wire. Credits are numbers with one decimal."""

from __future__ import annotations

from typing import Any, get_args

from marshmallow import INCLUDE, Schema, ValidationError, fields, validate

from app.catalogue.known_terms import Which
from app.enrolment.carts import MOST as MOST_IN_CART
from app.enrolment.planning import MOST as MOST_PLANNED
from app.enrolment.standings import MOST as MOST_STANDINGS
from blueprints.catalogue.schemas import PeriodSchema, TermQuerySchema, TermSchema
from blueprints.catalogue.section_schemas import SectionSchema
from blueprints.claims.schemas import STATES, ClaimSchema, Listed
from blueprints.ids import many_ids, read_id

_UNIQUE = {"uniqueItems": True}


class Ids(Listed):
    """ "1,2,3": ids in a query, 1 to `most`; one that comes twice counts once."""

    def __init__(self, most: int, **options: Any) -> None:
        super().__init__("[0-9]{1,19}", most, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        ids = [read_id(one) for one in super()._deserialize(value, attr, data)]
        if None in ids:
            raise ValidationError("Not a valid id.")
        return list(dict.fromkeys(ids))


class RefusalSchema(Schema):
    """A refusal inside another answer; more members depend on the code, as in a problem document."""

    class Meta:
        unknown = INCLUDE

    code = fields.String(required=True)
    detail = fields.String(required=True)
    offering_id = fields.String(metadata={"description": "The section that it is about"})
    offering_title = fields.String()
    claim_id = fields.UUID(
        metadata={"description": "The claim that stands against it: on this section, or on `offering_id`"}
    )
    state = fields.String(validate=validate.OneOf(STATES), metadata={"description": "Of `claim_id`"})


class CreditsSchema(Schema):
    limit = fields.Float(required=True)
    used = fields.Float(required=True, metadata={"description": "By seats"})
    waiting = fields.Float(required=True, metadata={"description": "By places in waiting lists"})


class CartBodySchema(Schema):
    sections = many_ids(MOST_IN_CART, required=True, metadata={"minItems": 1, **_UNIQUE})
    waitlist = fields.Boolean(load_default=True)


class CartLineSchema(Schema):
    section_id = fields.String(required=True)
    claim_id = fields.UUID(required=True)
    state = fields.String(
        required=True,
        validate=validate.OneOf(("pending", "refused", "unknown")),
        metadata={"description": "unknown: send the same cart with the same key again"},
    )
    sequence = fields.Integer(required=True, allow_none=True)
    problem = fields.Nested(RefusalSchema, required=True, allow_none=True)


class CartSchema(Schema):
    cart_id = fields.UUID(required=True)
    status_url = fields.String(required=True, allow_none=True)
    claims = fields.List(fields.Nested(CartLineSchema), required=True)


class StandingsQuerySchema(Schema):
    section_ids = Ids(MOST_STANDINGS, required=True)


class SectionStandingSchema(Schema):
    section_id = fields.String(required=True)
    can_enrol = fields.Boolean(required=True)
    problem = fields.Nested(RefusalSchema, required=True, allow_none=True)
    problems = fields.List(
        fields.Nested(RefusalSchema), required=True, metadata={"description": "Everything that stands against it"}
    )
    would_wait = fields.Boolean(required=True)
    claim = fields.Nested(ClaimSchema, required=True, allow_none=True)
    can_drop = fields.Boolean(required=True)
    drop_until = fields.AwareDateTime(required=True, allow_none=True)


class StandingsSchema(Schema):
    items = fields.List(fields.Nested(SectionStandingSchema), required=True)


class EnrolmentsQuerySchema(TermQuerySchema):
    term = fields.String(
        load_default="selecting",
        validate=validate.OneOf(get_args(Which)),
        metadata={"description": "Which one when none is named: that of selection, or the one that is taught"},
    )


class EnrolledSchema(Schema):
    section = fields.Nested(SectionSchema, required=True)
    claim = fields.Nested(ClaimSchema, required=True)
    state = fields.String(required=True)
    position = fields.Integer(required=True, allow_none=True)
    can_drop = fields.Boolean(required=True)
    drop_until = fields.AwareDateTime(required=True, allow_none=True)


class EnrolmentsSchema(Schema):
    term = fields.Nested(TermSchema, required=True, allow_none=True)
    credits = fields.Nested(CreditsSchema, required=True)
    items = fields.List(fields.Nested(EnrolledSchema), required=True)
    periods = fields.List(fields.Nested(PeriodSchema), required=True)


class PlanBodySchema(Schema):
    sections = many_ids(MOST_PLANNED, required=True, metadata=_UNIQUE)
    version = fields.Integer(
        required=True, strict=True, validate=validate.Range(0, 2**31 - 1), metadata={"description": "0: none yet"}
    )


class PlanItemSchema(Schema):
    section = fields.Nested(SectionSchema, required=True)
    problems = fields.List(
        fields.Nested(RefusalSchema),
        required=True,
        metadata={"description": "Why a cart would be refused this one, after those before it"},
    )


class PlanCreditsSchema(Schema):
    limit = fields.Float(required=True)
    used = fields.Float(required=True)
    planned = fields.Float(required=True, metadata={"description": "Of what is planned and not held yet"})


class PlanSchema(Schema):
    term_id = fields.String(required=True)
    version = fields.Integer(required=True)
    items = fields.List(fields.Nested(PlanItemSchema), required=True)
    credits = fields.Nested(PlanCreditsSchema, required=True)
