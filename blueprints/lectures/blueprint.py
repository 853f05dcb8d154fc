"""The blueprint that booking.py and reading.py hang their views on."""

from __future__ import annotations

from blueprints.openapi import Blueprint

blueprint = Blueprint("lectures", __name__, url_prefix="/api/lectures", description="Lectures and their bookings")
