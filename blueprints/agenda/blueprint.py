"""The blueprint that the modules of the calendar hang their views on."""

from __future__ import annotations

from blueprints.openapi import Blueprint

blueprint = Blueprint("agenda", __name__, url_prefix="/api", description="One's own calendar and its feed")
