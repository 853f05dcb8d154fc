"""The one blueprint of /api/ops."""

from __future__ import annotations

from blueprints.openapi import Blueprint

blueprint = Blueprint("ops", __name__, url_prefix="/api/ops", description="Operations")
