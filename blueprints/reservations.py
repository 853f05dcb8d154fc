"""Seats that are reserved for some, on the wire: what managers of lectures and of sections write, and what everybody sees."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from marshmallow import Schema, fields, post_load, validate

from app.org.audience import Audience
from app.seating.reservations import ReservationDraft
from app.seating.views import PoolView
from blueprints.ids import many_ids
from blueprints.moments import Text, Whole

MOST_SEATS = 100_000
_GROUPS = 500
_MOST_RESERVATIONS = 50


class AudienceInputSchema(Schema):
    colleges = many_ids(_GROUPS, load_default=list)
    grades = fields.List(Whole(1900, 2200), load_default=list, validate=validate.Length(max=_GROUPS))
    classes = many_ids(_GROUPS, load_default=list)


class ReservationInputSchema(AudienceInputSchema):
    name = Text(100, required=True)
    seats = Whole(0, MOST_SEATS, required=True)
    pool = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Regexp(r"^r[0-9]{1,4}\Z"),
        metadata={"description": "An existing reservation's pool; without it the one of that name, or a new one"},
    )

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> ReservationDraft:
        return ReservationDraft(data["name"], data["seats"], audience_of({**data, "mode": "none"}), data["pool"])


class ReservationSchema(Schema):
    pool = fields.String(required=True)
    name = fields.String(required=True)
    seats = fields.Integer(required=True)
    colleges = fields.List(fields.String(), required=True)
    grades = fields.List(fields.Integer(), required=True)
    classes = fields.List(fields.String(), required=True)


class PoolSchema(Schema):
    pool = fields.String(required=True)
    name = fields.String(required=True, metadata={"description": "Empty for the seats open to all"})
    capacity = fields.Integer(required=True)
    seats_left = fields.Integer(required=True)


def reservations_field(**options: Any) -> fields.List[Any]:
    """All reservations of an offering."""
    return fields.List(
        fields.Nested(ReservationInputSchema), validate=validate.Length(max=_MOST_RESERVATIONS), **options
    )


def audience_of(data: dict[str, Any]) -> Audience:
    """From a body's mode and groups."""
    groups = {name: frozenset(data[name]) for name in ("colleges", "grades", "classes")}
    return Audience(mode=data["mode"], **groups)


def pool_documents(pools: Iterable[PoolView]) -> list[dict[str, Any]]:
    """Reserved ones first, the one for everybody last."""
    return [
        {"pool": one.pool, "name": one.name, "capacity": one.capacity, "seats_left": one.seats_left} for one in pools
    ]


def reservation_documents(reservations: Iterable[ReservationDraft]) -> list[dict[str, Any]]:
    """As they can be sent back."""
    found = []
    for one in reservations:
        groups = one.audience.to_json()
        groups.pop("mode")
        found.append({"pool": one.pool, "name": one.name, "seats": one.seats, **groups})
    return found
