"""The blueprint that imports.py and exports.py hang their views on."""

from __future__ import annotations

from blueprints.openapi import Blueprint

blueprint = Blueprint("exchange", __name__, url_prefix="/api/manage", description="Import and export")
