"""Shapes of the lecture operations."""

from __future__ import annotations

from marshmallow import Schema, fields


class BookingBodySchema(Schema):
    waitlist = fields.Boolean(
        load_default=True, metadata={"description": "Take a place in the waiting list when no seat is left"}
    )
